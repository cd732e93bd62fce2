"""Requests URLs from URL/0 on, all at once, as a script with aiohttp would. Usage: aiohttp-requests.py URL COUNT"""

import asyncio
import sys

import aiohttp


async def main(url: str, count: int) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def request(index: int) -> None:
            async with session.get(f"{url}{index}") as response:
                await response.read()

        await asyncio.gather(*(request(index) for index in range(count)))


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
