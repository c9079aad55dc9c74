#!/usr/bin/python3
"""An echo server that conforms and understands text alone: it answers a binary
message with Close 1003. Prints `ready PORT`."""

import asyncio

import websockets


async def echo(websocket):
    async for message in websocket:
        if isinstance(message, bytes):
            await websocket.close(1003)
        else:
            await websocket.send(message)


async def main():
    async with websockets.serve(
        echo, "127.0.0.1", 0, max_size=16 * 2**20, compression=None
    ) as server:
        print("ready", server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main())
