# SHA-256 of a file, read 512 bytes at a time: base64, or "" where the board has no hashlib.
try:
    from hashlib import sha256
except ImportError:
    sha256 = None
def H(p):
    if not sha256:
        return ""
    d = sha256()
    b = memoryview(bytearray(512))
    with open(p, "rb") as f:
        while 1:
            n = f.readinto(b)
            if not n:
                break
            d.update(b[:n])
    return A.b2a_base64(d.digest()).decode()[:-1]
