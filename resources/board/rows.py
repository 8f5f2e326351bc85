# Rows for the host (ide/board/files/rows.py): each with a sum, so that what other programs print between them is told
# apart, and what is damaged is asked for again. Files that run with this one know o (os), A (binascii) and P.
import os as o
import binascii as A
K = getattr(A, "crc32", sum)
def P(*r):
    r = repr(r)
    print("\x1e%s %x\x1f" % (r, K(r.encode())))
