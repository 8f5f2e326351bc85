# What the import of a module costs: C measures one, R removes the files again.
import gc, os, sys
try:
    from time import ticks_us as T, ticks_diff as S
except ImportError:
    T = None
try:
    from esp32 import idf_heap_info as H
except ImportError:
    H = None
def E():
    # Free bytes of memory for machine code.
    return sum([h[1] for h in H(1)]) if H else -1
def C(folder, name):
    # Every name is there before the first figure is taken, so that none of them counts.
    a = b = p = t = x = y = 0
    sys.path.insert(0, folder)
    gc.collect()
    x = E()
    gc.collect()
    a = gc.mem_alloc()
    t = T() if T else 0
    __import__(name)
    t = S(T(), t) if T else -1
    p = gc.mem_alloc()
    y = E()
    gc.collect()
    b = gc.mem_alloc()
    sys.path.pop(0)
    return b - a, p - a, x - y if H else -1, t
def Z(name):
    # The same for a module that is frozen into the firmware. Raises ImportError if it is not.
    sys.path[:] = [".frozen"]
    r = C(".frozen", name)
    if not hasattr(sys.modules.get(name), "__file__"):
        raise ImportError(name)
    return r
def F(p):
    # Free bytes of the filesystem; None: it does not tell.
    try:
        s = os.statvfs(p)
        return (s[1] or s[0]) * s[4]
    except (OSError, AttributeError):
        return None
def R(folder, names):
    n = F(folder)
    l = [folder]
    for p in names:
        try:
            os.remove(folder + "/" + p)
        except OSError:
            pass
        while "/" in p:
            p = p[:p.rfind("/")]
            l.append(folder + "/" + p)
    m = F(folder)
    for p in sorted(set(l), key=lambda p: -len(p)):
        try:
            os.rmdir(p)
        except OSError:
            pass
    return None if n is None else m - n
