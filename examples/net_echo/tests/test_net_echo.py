# Runs on sim:unix, which has the network of this computer.
import asyncio

import echo

assert echo.with_sockets(b"one") == b"ONE"
assert echo.with_sockets(b"again") == b"AGAIN"
print("plain sockets: twice, on whichever port is free")

taken, address = echo._listen()
other, another = echo._listen()
assert address != another
taken.close()
other.close()
print("a port that is taken is passed over")

lines = [b"line %d\n" % n for n in range(4)]
assert asyncio.run(echo.with_asyncio(lines)) == [line.upper() for line in lines]
print("asyncio: four callers at once, each with its own answer")
