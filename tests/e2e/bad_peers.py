#!/usr/bin/python3
"""Servers that no client wants to meet: bad_peers.py MODE [ARGUMENT]

Listens on a free port of 127.0.0.1 and prints `ready PORT`. What is endless
obeys back-pressure and ends when the client hangs up.
"""

import asyncio
import base64
import hashlib
import os
import signal
import socket
import struct
import sys

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def response(head):
    """A correct 101 to the opening request in `head`."""
    key = b""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"sec-websocket-key":
            key = value.strip()
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


async def shake(reader, writer):
    """Answers any request with a 101, whatever is in it."""
    head = await reader.readuntil(b"\r\n\r\n")
    writer.write(response(head))
    await writer.drain()


async def drain_input(reader):
    while await reader.read(65536):
        pass


async def flood(writer, block):
    """Sends `block` for ever."""
    while True:
        writer.write(block)
        await writer.drain()


def frame(first, payload):
    """An unmasked frame whose first octet is `first`."""
    if len(payload) < 126:
        return bytes([first, len(payload)]) + payload
    if len(payload) < 65536:
        return struct.pack("!BBH", first, 126, len(payload)) + payload
    return struct.pack("!BBQ", first, 127, len(payload)) + payload


async def refusing(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n"
        b"Connection: close\r\n\r\nno\n"
    )
    await writer.drain()


async def silent(reader, _writer):
    await drain_input(reader)


async def closing(_reader, _writer):
    pass


async def resetting(_reader, writer):
    reset(writer)


async def not_http(reader, writer):
    writer.write(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    await writer.drain()
    await drain_input(reader)


async def binary_noise(reader, writer):
    writer.write(bytes(range(256)) * 16)
    await writer.drain()
    await drain_input(reader)


async def endless_head(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\n")
    await flood(writer, b"X-Padding: " + b"a" * 4000 + b"\r\n")


async def endless_line(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 101 ")
    await flood(writer, b"a" * 4096)


async def dripping_head(reader, writer):
    """An octet every 200 ms: each one alone looks like progress."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nX-Drip: ")
    while True:
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.2)


async def endless_body(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    await flood(writer, b"1000\r\n" + b"a" * 4096 + b"\r\n")


async def endless_frames(reader, writer):
    """Whole messages that nobody asked for, as fast as they are taken."""
    await shake(reader, writer)
    await flood(writer, frame(0x82, b"z" * 4096))


async def endless_pings(reader, writer):
    await shake(reader, writer)
    await flood(writer, frame(0x89, b"ping") * 500)


async def endless_message(reader, writer):
    """One message whose last fragment never comes."""
    await shake(reader, writer)
    writer.write(frame(0x02, b"z"))
    await flood(writer, frame(0x00, b"z" * 4096))


async def endless_payload(reader, writer):
    """One frame of the largest length there is."""
    await shake(reader, writer)
    writer.write(struct.pack("!BBQ", 0x82, 127, 2**63 - 1))
    await flood(writer, b"z" * 65536)


async def mute(reader, writer):
    await shake(reader, writer)
    await drain_input(reader)


async def dropping(reader, writer):
    await shake(reader, writer)


async def deaf(reader, writer):
    """Shakes hands and never reads again."""
    await shake(reader, writer)
    writer.transport.pause_reading()
    await asyncio.Event().wait()


async def resetting_later(reader, writer):
    """Shakes hands, and breaks off at the first frame."""
    await shake(reader, writer)
    await reader.read(1)
    reset(writer)


async def careless(reader, writer):
    """Echoes every frame as it stands, without any validation."""
    await shake(reader, writer)
    while True:
        first, second = await reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", await reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await reader.readexactly(8))
        key = b"\0\0\0\0"
        if second & 0x80:
            key = await reader.readexactly(4)
        if length > 16 * 2**20:
            return
        masked = await reader.readexactly(length)
        times = length // 4 + 1
        pad = int.from_bytes((key * times)[:length], "big")
        payload = (int.from_bytes(masked, "big") ^ pad).to_bytes(length, "big")
        if first & 0x0F == 9:
            first = first & 0xF0 | 10
        writer.write(frame(first, payload))
        await writer.drain()
        if first & 0x0F == 8:
            return


def reset(writer):
    """Ends the connection with an RST."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Dying:
    """Echoes, and the whole process is gone at the N-th connection."""

    def __init__(self, connections):
        self.left = connections

    async def __call__(self, reader, writer):
        self.left -= 1
        if self.left <= 0:
            os._exit(1)
        await careless(reader, writer)


def guarded(behave):
    async def serve(reader, writer):
        try:
            await behave(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except asyncio.LimitOverrunError:
            pass
        finally:
            writer.close()

    return serve


MODES = {
    "refusing": refusing,
    "silent": silent,
    "closing": closing,
    "resetting": resetting,
    "not-http": not_http,
    "binary-noise": binary_noise,
    "endless-head": endless_head,
    "endless-line": endless_line,
    "dripping-head": dripping_head,
    "endless-body": endless_body,
    "endless-frames": endless_frames,
    "endless-pings": endless_pings,
    "endless-message": endless_message,
    "endless-payload": endless_payload,
    "mute": mute,
    "dropping": dropping,
    "deaf": deaf,
    "resetting-later": resetting_later,
    "careless": careless,
}


async def main(mode, argument):
    behave = Dying(int(argument)) if mode == "dying" else MODES[mode]
    server = await asyncio.start_server(guarded(behave), "127.0.0.1", 0)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def absent():
    """A port that is taken, and on which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        print("ready", sock.getsockname()[1], flush=True)
        signal.pause()


if __name__ == "__main__":
    if sys.argv[1] == "absent":
        absent()
    else:
        asyncio.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""))
