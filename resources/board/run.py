# Mount the project, run the script as __main__, tell the host what it cost, and unmount.
try:
    from vfs import mount, umount
except ImportError:
    from os import mount, umount
try:
    K = compile
except NameError:
    K = lambda s, *a: s
try:
    from time import ticks_ms as Y, ticks_diff as Z
except ImportError:
    Y = lambda: 0
    Z = lambda a, b: -1
v = V()
mount(v, "/natmod")
os.chdir("/natmod")
if sys.path[:1] != [""]:
    sys.path.insert(0, "")
# The project's lib comes before the board's own.
try:
    os.stat("lib")
    sys.path.insert(1, "lib")
except OSError:
    pass
x = ""
gc.collect()
h = gc.mem_alloc()
t = Y()
try:
    with open(N) as f:
        f = f.read()
    f = K(f, N, "exec")
    exec(f, G)
except SystemExit as e:
    x = repr(e.args[0]) if e.args else ""
finally:
    t = Z(Y(), t)
    f = v = None
    sys.modules.pop("natmod_at", 0)
    os.chdir("/")
    umount("/natmod")
    gc.collect()
    R("E", "%d %d %d %s" % (h, gc.mem_alloc(), t, x))
