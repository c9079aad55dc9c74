#!/usr/bin/python3
"""An echo server that ends its process when a frame is not masked. Listens on
the port that it is given; says nothing."""

import asyncio
import base64
import hashlib
import os
import sys

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CLOSE, PING, PONG = 8, 9, 10


async def shake(reader, writer):
    head = await reader.readuntil(b"\r\n\r\n")
    fields = (line.partition(b":") for line in head.split(b"\r\n"))
    key = {name.lower(): value.strip() for name, _, value in fields}.get(b"sec-websocket-key")
    if key is None:
        raise EOFError
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


async def frame(reader):
    first, second = await reader.readexactly(2)
    if not second & 0x80:
        os._exit(3)
    length = second & 0x7F
    if length > 125:
        length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8), "big")
    key = await reader.readexactly(4)
    data = await reader.readexactly(length)
    return first & 0x0F, bytes(octet ^ key[i % 4] for i, octet in enumerate(data))


def header(opcode, length):
    first = bytes([0x80 | opcode])
    if length < 126:
        return first + bytes([length])
    if length < 65536:
        return first + bytes([126]) + length.to_bytes(2, "big")
    return first + bytes([127]) + length.to_bytes(8, "big")


async def serve(reader, writer):
    try:
        await shake(reader, writer)
        opcode = None
        while opcode != CLOSE:
            opcode, data = await frame(reader)
            opcode = PONG if opcode == PING else opcode
            writer.write(header(opcode, len(data)) + data)
    except (EOFError, OSError):
        pass
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
