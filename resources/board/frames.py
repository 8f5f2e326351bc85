# Frames: how code on a board asks its host for something, over the same line as the program's own text.
#
# The host (ide/board/mount.py, which describes the protocol) puts this file, and the others of this folder, into one
# function `_natmod_run(G, T, X, N)`: nothing of it stays among the names of the program. Comment lines are not sent, and
# the short names are meant: all of this lies in the board's RAM while a program runs.
#   T token of this run     M mark of a frame     E its end     D M as bytes     C check sum     P poller, or None
#   S state: requests made, attempts made, text typed ahead, "interrupted"
#   B reads the bytes that follow an answer (files.py), or None. Nobody types to a program that has it
#   O writes the bytes of op "B", goes on with the check sum (files.py)
import sys, os, io, gc
import binascii as A
M = "\x18" + T
E = "\x19" + T
D = M.encode()
W = sys.stdout.write
I = getattr(sys.stdin, "buffer", None)
C = getattr(A, "crc32", sum)
S = [0, 0, b"", 0]
B = None
try:
    import select
    P = select.poll()
    P.register(sys.stdin, 1)
    P.poll(0)
except (ImportError, AttributeError, OSError):
    P = None
def L():
    # One line as bytes. Without sys.stdin.buffer byte by byte, since text would have to be whole UTF-8.
    if I:
        r = I.readline()
    else:
        b = bytearray(1)
        r = bytearray()
        while b[0] != 10:
            sys.stdin.readinto(b)
            r.extend(b)
        r = bytes(r)
    if not r:
        raise OSError(5)
    return r
def Q(o, a, m):
    # Ask until a whole answer to the latest attempt came. Earlier answers come before it, so none is left on the line.
    k = n = 0
    S[0] += 1
    while n < m:
        n += 1
        try:
            if n > 1:
                gc.collect()
            S[1] += 1
            x = "%s%d.%d " % (o, S[0], S[1])
            if B and o == "B":
                x += "*"
                W(M + x)
                W(" %x%s" % (O(a, C(x.encode())), E))
            else:
                x += A.b2a_base64(a).decode()[:-1]
                W("%s%s %x%s" % (M, x, C(x.encode()), E))
            while 1:
                if P and not P.poll(2000):
                    if k:
                        raise KeyboardInterrupt
                    break
                l = L()
                i = l.find(D)
                if i < 0:
                    if l.find(D[1:]) >= 0:
                        break
                    # Typed before the host knew of the request. After Ctrl-C it is dropped, as on any terminal.
                    if not k and not B:
                        S[2] += l
                    continue
                if not k and not B:
                    S[2] += l[:i]
                l = l[i + len(D):].split()
                if len(l) != 4 or int(l[2], 16) != C(l[0] + b" " + l[1]):
                    break
                if int(l[0]) == S[1]:
                    r = A.a2b_base64(l[1])
                    if B and r[0] in b"*/":
                        B(r)
                    if k:
                        S[3] = 1
                    return r
        except ValueError:
            pass
        except KeyboardInterrupt:
            if k:
                raise
            k = 1
            S[2] = b""
    raise OSError(5)
def R(o, a, m=30):
    # One request: the answer's bytes (the first is its kind), or OSError.
    r = Q(o, a, m)
    while S[2]:
        t = S[2]
        S[2] = b""
        Q("U", t, 30)
    W(M + ".")
    if S[3]:
        S[3] = 0
        raise KeyboardInterrupt
    if r[0] == 33:
        raise OSError(int(r[1:]))
    return r
