# The host's hand in the board's own filesystem: it sends expressions that call these functions, one at a time.
try:
    import hashlib
except ImportError:
    hashlib = None
def h(p):
    # Size, and sha256 as hex (None: this board has no hashlib); None when there is no such file.
    try:
        f = open(p, "rb")
    except OSError:
        return None
    n = 0
    d = hashlib and hashlib.sha256()
    b = memoryview(bytearray(512))
    try:
        while 1:
            k = f.readinto(b)
            if not k:
                break
            n += k
            if d:
                d.update(b[:k])
    finally:
        f.close()
    return n, d and A.hexlify(d.digest()).decode()
def w(p):
    # Write a file with what the host sends. A file that is not whole does not stay.
    f = open(p, "wb")
    o = 0
    e = 43
    try:
        while e == 43:
            r = R("D", str(o))
            e = r[0]
            f.write(memoryview(r)[1:])
            o += len(r) - 1
        f.close()
    except BaseException:
        try:
            f.close()
        except OSError:
            pass
        os.remove(p)
        raise
    return o
def b(p):
    # Read a file back to the host.
    with open(p, "rb") as f:
        while 1:
            d = f.read(512)
            R("B", d)
            if not d:
                return
def d(p):
    # Make a folder and those above it.
    q = ""
    for x in p.strip("/").split("/"):
        q += "/" + x
        try:
            os.stat(q)
        except OSError:
            os.mkdir(q)
def m(p, a, b):
    # In folder p, put file a in b's place. littlefs does it in one step; FAT refuses while b is there (EEXIST).
    # By relative names: with absolute ones MicroPython before 1.27 mixes them up on a rooted VfsPosix.
    os.chdir(p)
    try:
        os.rename(a, b)
    except OSError as e:
        if e.errno != 17:
            raise
        os.remove(b)
        os.rename(a, b)
    finally:
        os.chdir("/")
def c(p, x):
    # Remove what a broken install left in folder p: the files whose names begin with x.
    try:
        l = os.listdir(p)
    except OSError:
        return
    for n in l:
        if n.startswith(x):
            os.remove(p.rstrip("/") + "/" + n)
def v(p):
    # Block size and free blocks of the filesystem that holds folder p (or the nearest folder above that exists).
    while 1:
        try:
            s = os.statvfs(p or "/")
            return s[1] or s[0], s[4]
        except AttributeError:
            return None
        except OSError:
            if not p:
                return None
            p = p[:p.rfind("/")]
def z(p):
    os.remove(p)
def s(p):
    # Whether there is a folder p.
    try:
        return os.stat(p)[0] & 0x4000 > 0
    except OSError:
        return False
def k(p):
    # Remove folder p if nothing is in it.
    try:
        os.rmdir(p)
    except OSError:
        pass
n = {"h": h, "w": w, "b": b, "d": d, "m": m, "c": c, "v": v, "z": z, "s": s, "k": k, "g": os.getcwd}
r = ""
while 1:
    r = R("N", r)
    if r[0] == 61:
        break
    try:
        r = "+" + repr(eval(r[1:].decode(), n))
    except OSError as e:
        r = "!%d" % e.errno
    gc.collect()
