import asyncio


async def tick(name, ms, times):
    for n in range(times):
        await asyncio.sleep_ms(ms)
        print(name, n)


async def main():
    await asyncio.gather(tick("fast", 20, 4), tick("slow", 45, 2))


asyncio.run(main())
