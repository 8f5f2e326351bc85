# Two ends of a connection in one program: first with plain sockets and select, then with asyncio.
import asyncio

import echo

print("sockets:", echo.with_sockets(b"hello board"))
answers = asyncio.run(echo.with_asyncio((b"red\n", b"green\n", b"blue\n")))
for answer in answers:
    print("asyncio:", answer)
