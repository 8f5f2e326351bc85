"""An echo, and who talks to it. Only this computer can reach it: 127.0.0.1 is "I myself"."""

import asyncio
import errno
import select
import socket

HOST = "127.0.0.1"
PORTS = range(18266, 18366)  # the first free one is taken
WAIT_MS = 5000


def with_sockets(text):
    """Send text to an echo and back. ``select`` says when something is there, so nobody waits in vain."""
    server, address = _listen()
    client = socket.socket()
    client.connect(address)
    _wait(server)
    line, _caller = server.accept()
    client.send(text)
    _wait(line)
    line.send(line.recv(100).upper())
    _wait(client)
    answer = client.recv(100)
    for end in (client, line, server):
        end.close()
    return answer


def _listen():
    """A socket that listens, and its address."""
    for port in PORTS:
        address = socket.getaddrinfo(HOST, port)[0][-1]
        server = socket.socket()
        try:
            server.bind(address)
            server.listen(1)
            return server, address
        except OSError as error:
            server.close()
            if error.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE)


def _wait(end):
    poll = select.poll()
    poll.register(end, select.POLLIN)
    if not poll.poll(WAIT_MS):
        raise OSError(errno.ETIMEDOUT)


async def with_asyncio(lines):
    """Send each line to an echo, all at the same time; the answers, in the order of the lines."""
    server, port = await _start()
    try:
        return await asyncio.gather(*(_ask(port, line) for line in lines))
    finally:
        server.close()
        await server.wait_closed()


async def _start():
    for port in PORTS:
        try:
            return await asyncio.start_server(_serve, HOST, port), port
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE)


async def _serve(reader, writer):
    """One caller; there may be several at once."""
    line = await reader.readline()
    while line:
        writer.write(line.upper())
        await writer.drain()
        line = await reader.readline()
    writer.close()
    await writer.wait_closed()


async def _ask(port, line):
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(line)
    await writer.drain()
    answer = await asyncio.wait_for_ms(reader.readline(), WAIT_MS)
    writer.close()
    await writer.wait_closed()
    return answer
