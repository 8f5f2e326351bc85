import asyncio

done = asyncio.Event()


async def serve(reader, writer):
    line = await reader.readline()
    print("heard", line)
    writer.write(line.upper())
    await writer.drain()
    writer.close()
    done.set()


async def main():
    server = await asyncio.start_server(serve, "0.0.0.0", 8266)
    print("waiting on port 8266 for 10 seconds")
    try:
        await asyncio.wait_for(done.wait(), 10)
    except asyncio.TimeoutError:
        print("nobody came")
    server.close()


asyncio.run(main())
