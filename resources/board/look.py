# What is in the board's filesystem, as rows.
def j(p, n):
    return p.rstrip("/") + "/" + n
def t(p):
    # Kind (1 folder, 0 file), size and time of a path.
    s = o.stat(p)
    return s[0] >> 14 & 1, s[6], s[8]
def Q(p):
    try:
        P(p, *t(p))
    except OSError:
        pass
def S(p):
    # What holds p: mount, block, total and free bytes, whether it is known to be read-only.
    m = "/"
    r = False
    try:
        for f, q in __import__("vfs").mount():
            if len(q) >= len(m) and (p + "/").startswith(q.rstrip("/") + "/"):
                m = q
                r = "Rom" in repr(f)
    except (ImportError, AttributeError, TypeError):
        q = "/" + p.split("/")[1]
        try:
            if o.statvfs(q) != o.statvfs("/"):
                m = q
        except (OSError, AttributeError):
            pass
    try:
        s = o.statvfs(m)
        b = s[1] or s[0]
        P("space", m, b, b * s[2], b * s[4], r)
    except (OSError, AttributeError):
        pass
def G():
    try:
        P("epoch", __import__("time").gmtime(0)[0])
    except (ImportError, AttributeError):
        pass
def W(p, n, d, h, x):
    # All in folder p, at most n rows, d folders deep; of files whose size is in h the hash as well; without names that
    # begin with one of x.
    l = [(p, d)]
    while l:
        p, d = l.pop()
        try:
            e = list(o.ilistdir(p))
        except OSError as e:
            if e.errno != 2:
                P("error", p, e.errno)
            continue
        P("in", p)
        for e in e:
            if e[0].startswith(x):
                continue
            q = j(p, e[0])
            try:
                k, s, u = t(q)
                c = H(q) if not k and s in h else None
            except OSError:
                continue
            n -= 1
            if n < 0:
                P("cut")
                return
            P(k, s, u, e[0], c)
            if k and d:
                l.append((q, d - 1))
def L(p, n=0, d=0, h=(), x=()):
    # Path p: what it is, and with n what is in it. h: True for its own hash.
    G()
    try:
        k = t(p)
        c = H(p) if h is True and not k[0] else None
    except OSError as e:
        P("error", p, e.errno)
        return
    S(p)
    P("is", *k, c)
    if k[0] and n:
        W(p, n, d, h, x)
