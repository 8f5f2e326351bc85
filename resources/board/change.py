# Changes of the board's filesystem: rename, remove, make folders. What happened is told in rows.
def t(p):
    # 1 folder, 0 file, None nothing.
    try:
        return o.stat(p)[0] >> 14 & 1
    except OSError:
        return None
def N(c, a, b, old, new, w):
    # Rename a to b, relative to their common folder c: with absolute names MicroPython before 1.27 mixes them up on a
    # rooted VfsPosix. FAT refuses while there is a file b. w: it may be replaced.
    k = t(old)
    if k is None:
        P("missing", t(new) is not None)
        return
    if t(new) is not None and not w:
        P("there")
        return
    g = o.getcwd()
    o.chdir(c)
    try:
        try:
            o.rename(a, b)
        except OSError as e:
            if e.errno != 17 or k:
                raise
            o.remove(b)
            o.rename(a, b)
        P("done")
    except OSError as e:
        P("error", old, e.errno)
    finally:
        o.chdir(g)
def X(p, r):
    # Remove path p; with r a folder and all that is in it, from the bottom.
    l = [p]
    while l:
        p = l.pop()
        k = t(p)
        try:
            if k is None:
                continue
            if not k:
                o.remove(p)
            else:
                e = r and list(o.ilistdir(p))
                if e:
                    l.append(p)
                    l += [p.rstrip("/") + "/" + i[0] for i in e]
                    continue
                o.rmdir(p)
            P("gone", p)
        except OSError as e:
            P("error", p, e.errno)
            return
def D(p):
    # Make folder p and those above it.
    q = ""
    for n in p.strip("/").split("/"):
        q += "/" + n
        k = t(q)
        if k == 0:
            P("file", q)
            return
        if k is None:
            try:
                o.mkdir(q)
            except OSError as e:
                P("error", q, e.errno)
                return
    P("done")
