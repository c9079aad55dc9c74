#!/usr/bin/python3
"""A peer of conformance/peers echoes: peers_test.py NAME

With the suite's own octets out of the picture: what this finds is a fault of
our echo server or of its installation.
"""

import os
import socket
import struct
import sys
import urllib.parse

import harness


def connect(url):
    where = urllib.parse.urlsplit(url)
    sock = socket.create_connection((where.hostname, where.port), 10)
    sock.settimeout(10)
    sock.sendall(
        f"GET {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += receive(sock, 1)
    lines = head.decode().split("\r\n")
    assert lines[0].startswith("HTTP/1.1 101 "), lines[0]
    # The accept value of the key above, RFC 6455 section 1.3.
    assert "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head.decode(), head
    return sock


def receive(sock, count):
    data = bytearray()
    while len(data) < count:
        piece = sock.recv(count - len(data))
        assert piece, f"the connection ended after {len(data)} of {count}"
        data += piece
    return bytes(data)


def send(sock, opcode, payload):
    if len(payload) < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | len(payload))
    elif len(payload) < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 0xFE, len(payload))
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0xFF, len(payload))
    # A key of zeros: what is masked with it is itself.
    sock.sendall(head + b"\0\0\0\0" + payload)


def read_message(sock):
    """Type and payload of the next message, fragments joined."""
    kind = None
    whole = b""
    while True:
        first, second = receive(sock, 2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", receive(sock, 2))
        elif length == 127:
            (length,) = struct.unpack("!Q", receive(sock, 8))
        whole += receive(sock, length)
        kind = first & 0x0F if kind is None else kind
        if first & 0x80:
            return kind, whole


def check(url):
    messages = [
        (1, "héllo, wörld €".encode()),
        (2, bytes(range(256))),
        (1, b""),
        (2, os.urandom(1 << 20)),
        (2, os.urandom((4 << 20) + 1)),
    ]
    for opcode, payload in messages:
        with connect(url) as sock:
            send(sock, opcode, payload)
            kind, echoed = read_message(sock)
            assert kind == opcode, f"type {opcode} came back as {kind}"
            assert echoed == payload, f"{len(payload)} octets: not the same"
            send(sock, 9, b"are you there")
            assert read_message(sock) == (10, b"are you there")
            send(sock, 8, struct.pack("!H", 1000))
            kind, body = read_message(sock)
            assert kind == 8 and body[:2] == struct.pack("!H", 1000), body


def main(name):
    if not harness.installed(name):
        print(f"{name} is not installed: script/bootstrap peers peers-heavy")
        return harness.SKIPPED
    with harness.peer(name) as url:
        check(url)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
