# What the firmware knows of its flash. Every look is a try of its own; what it does not know is None.
def _t(f):
    try:
        return f()
    except Exception:
        pass
def _i(m):
    return _t(lambda: __import__(m))
def _table(e):
    # The partition table as it is in the flash, without its empty end.
    b = bytearray(3072)
    e.flash_read(0x8000, b)
    return bytes(b).rstrip(b"\xff")
def _app(p):
    # Bytes of the firmware in a partition: header, segments, checksum, hash; None: there is none.
    b = bytearray(24)
    p.readblocks(0, b, 0)
    if b[0] != 0xE9:
        return
    o = 24
    s = bytearray(8)
    for _ in range(b[1]):
        p.readblocks(0, s, o)
        o += 8 + int.from_bytes(s[4:], "little")
        if o > p.info()[3]:
            return
    return (o + 16 & ~15) + (32 if b[23] & 1 else 0)
def _parts(e):
    # A row for each partition, as Partition.info() gives it, and the size of the firmware in it.
    P = e.Partition
    l = _t(lambda: P.find(255)) or P.find(0) + P.find(1)
    return [p.info() + (_t(lambda: _app(p)) if p.info()[0] == 0 else None,) for p in l]
def _mounts(o, v):
    # (where, what, statvfs) of each filesystem. Up to 1.24 nobody tells what is mounted: the root, or what is in it.
    l = _t(lambda: v.mount())
    if l is None:
        s = _t(lambda: o.statvfs("/"))
        l = [(None, "/" + n) for n in _t(lambda: o.listdir("/")) or ()] if s and not s[2] else [(None, "/")]
    return [(p, str(type(f)) if f else "", _t(lambda: o.statvfs(p))) for f, p in l]
def _storage():
    e = _i("esp32")
    s = _i("esp")
    o = _i("os")
    P = _t(lambda: e.Partition)
    return (
        _t(lambda: _table(s)),
        _t(lambda: _parts(e)),
        _t(lambda: P(P.RUNNING).info()[2]),
        _t(lambda: P(P.BOOT).info()[2]),
        _t(lambda: s.flash_size()),
        _t(lambda: _mounts(o, _i("vfs") or o)),
    )
