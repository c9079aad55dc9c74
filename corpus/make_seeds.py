#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets: corpus/<target>/<name>.

    corpus/make_seeds.py            writes what is missing or differs
    corpus/make_seeds.py --check    writes nothing; says what would change

What a seed holds is said at the head of fuzz/fuzz_<target>.c, where it comes
from in SOURCES.md. What is found by fuzzing is not made here: corpus/regress.
"""

import argparse
import pathlib
import re
import struct
import sys

from run_documents import run_document

CORPUS = pathlib.Path(__file__).resolve().parent
GOLDEN = CORPUS.parent / "tests" / "golden"

KEY = bytes.fromhex("37fa213d")  # RFC 6455 5.7
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
REQUEST = (
    b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n"
    b"Sec-WebSocket-Version: 13\r\n\r\n"
)
# What belongs to the key 01 02 ... 10.
RESPONSE = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: C/0nmHhBztSRGR1CwL6Tf4ZjwpY=\r\n"
    b"Sec-WebSocket-Protocol: chat\r\n\r\n"
)


def header(first, length, key=None, form=None):
    """A frame header; `form` is the number of octets of a longer length."""
    mask = 0x80 if key else 0
    if form is None:
        form = 0 if length < 126 else 2 if length < 65536 else 8
    octets = bytes([first, mask | {0: length, 2: 126, 8: 127}[form]])
    extended = length.to_bytes(form, "big") if form else b""
    return octets + extended + (key or b"")


def frame(first, payload=b"", key=None):
    masked = payload
    if key:
        masked = bytes(c ^ key[i % 4] for i, c in enumerate(payload))
    return header(first, len(payload), key) + masked


def frame_headers():
    server, client, deflate, within = 1, 0, 8, 16
    yield "text-masked", [server], header(0x81, 5, KEY)
    yield "text-unmasked", [client], header(0x81, 5)
    yield "text-unmasked-to-server", [server], header(0x81, 5)
    yield "text-masked-to-client", [client], header(0x81, 5, KEY)
    yield "fragment-first", [client], header(0x01, 3)
    yield "fragment-last", [client | within], header(0x80, 2)
    yield "continuation-of-nothing", [client], header(0x80, 2)
    yield "text-within-a-message", [client | within], header(0x81, 2)
    yield "ping", [client], header(0x89, 5)
    yield "pong-masked", [server], header(0x8A, 5, KEY)
    yield "close-longest", [client], header(0x88, 125)
    yield "close-too-long", [client], header(0x88, 126)
    yield "ping-fragmented", [client], header(0x09, 0)
    yield "binary-256", [client], header(0x82, 256)
    yield "binary-64k", [client], header(0x82, 65536)
    yield "binary-64k-masked", [server], header(0x82, 65536, KEY)
    yield "length-16-for-125", [client], header(0x82, 125, None, 2)
    yield "length-64-for-65535", [client], header(0x82, 65535, None, 8)
    yield "length-largest", [client], header(0x82, 2**63 - 1, None, 8)
    yield "length-top-bit", [client], header(0x82, 2**63, None, 8)
    yield "compressed", [client | deflate], header(0xC1, 7)
    yield "compressed-not-agreed", [client], header(0xC1, 7)
    yield "compressed-continuation", [client | deflate | within], header(0xC0, 7)
    yield "opcode-3", [client], header(0x83, 0)
    yield "opcode-15", [client], header(0x8F, 0)
    yield "header-cut", [server], header(0x82, 65536, KEY)[:9]


UTF8 = [
    ("ascii", b"Hello, world"),
    ("kosme", "κόσμε".encode()),  # a favourite of Autobahn's
    ("every-length", "a\u0080\u07ff\u0800\uffff\U00010000\U0010ffff".encode()),
    ("borders-good", bytes.fromhex("7fc280dfbfe0a080ed9fbfee8080f0908080f48fbfbf")),
    ("overlong-2", bytes.fromhex("c080")),
    ("overlong-3", bytes.fromhex("e09fbf")),
    ("overlong-4", bytes.fromhex("f08fbfbf")),
    ("surrogate-first", bytes.fromhex("eda080")),
    ("surrogate-last", bytes.fromhex("edbfbf")),
    ("above-10ffff", bytes.fromhex("f4908080")),
    ("lead-f5", bytes.fromhex("f5808080")),
    ("lead-ff", b"ab\xff"),
    ("lone-continuation", b"a\x80"),
    ("unfinished-2", b"a\xc3"),
    ("unfinished-3", b"a\xe2\x82"),
    ("unfinished-4", b"a\xf0\x9f\x98"),
    ("lead-then-ascii", b"\xe2\x82a"),
    ("long-ascii", b"0123456789abcdef" * 12),
    ("long-mixed", "aé€😀".encode() * 20),
    ("long-bad-at-the-end", b"a" * 95 + b"\xe2\x82"),
    ("long-bad-in-the-middle", b"a" * 63 + b"\xc3" + b"b" * 70),
    ("bom-and-nul", b"\xef\xbb\xbf\x00\x7f"),
]


def utf8():
    for number, (name, text) in enumerate(UTF8):
        yield name, [number, 7, number % 32], text
        if not name.startswith("long"):  # inside the blocks of a vector path
            yield "block-" + name, [number, 7, 0], b"a" * (60 + number % 9) + text + b"b" * 90


def mask():
    for name, offset, before, cut, payload in [
        ("hello", 0, 0, 2, b"Hello"),
        ("offset-3", 3, 1, 5, b"Hello"),
        ("offset-at-2-to-the-32", 2**32 - 1, 0, 1, b"Hello"),
        ("offset-that-wraps", 2**64 - 2, 0, 3, b"Hello"),
        ("nothing", 1, 0, 0, b""),
        ("vector-31", 0, 0, 7, bytes(range(31))),
        ("vector-32", 0, 15, 9, bytes(range(32))),
        ("vector-127", 2, 33, 64, bytes(range(127))),
        ("vector-300", 1, 63, 129, bytes(i & 255 for i in range(300))),
    ]:
        yield name, KEY + struct.pack(">QBB", offset, before, cut), payload


def base64():
    for name, text in [
        ("nonce", b"dGhlIHNhbXBsZSBub25jZQ=="),
        ("accept", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ("rfc4648-foobar", b"Zm9vYmFy"),
        ("rfc4648-fooba", b"Zm9vYmE="),
        ("rfc4648-foob", b"Zm9vYg=="),
        ("all-digits", bytes(range(43, 123))),
        ("pad-bits-set", b"Zm9vYh=="),
        ("pads-three", b"Z==="),
        ("pads-only", b"===="),
        ("pad-inside", b"Zm=vYmFy"),
        ("url-alphabet", b"Zm9v-_Fy"),
        ("length-5", b"Zm9vY"),
        ("line-end", b"Zm9v\r\nYmFy"),
        ("empty", b""),
    ]:
        yield name, b"", text


def url():
    for name, text in [
        ("plain", b"ws://example.com/chat"),
        ("secure-port-query", b"wss://example.com:8443/a/b?x=1&y=%20"),
        ("http-default-port", b"HTTP://Example.COM:80"),
        ("dot-segments", b"ws://h/a/./b/../c/%2e%2E/d"),
        ("backslashes", b"ws:\\\\h\\a\\b"),
        ("empty-query", b"ws://h/?"),
        ("ipv4-numbers", b"ws://0x7f.1:9/"),
        ("ipv4-too-large", b"ws://256.256.256.256/"),
        ("ipv6", b"ws://[2001:DB8::1]:8080/x"),
        ("ipv6-embedded-ipv4", b"wss://[::ffff:192.0.2.1]/"),
        ("ipv6-all-zero-runs", b"ws://[1:0:0:2:0:0:0:3]/"),
        ("percent-host", b"ws://%65xample.com/"),
        ("trailing-dot", b"ws://example.com./"),
        ("fragment", b"ws://h/#"),
        ("user", b"ws://me:you@h/"),
        ("port-0", b"ws://h:0/"),
        ("port-65536", b"ws://h:65536/"),
        ("not-ascii", "ws://h/é?ü".encode()),
        ("tabs-and-breaks", b" \tw\ns://h/\ra b "),
        ("quotes", b"ws://h/\"<>`{}|^?\"<>'"),
        ("other-scheme", b"ftp://h/"),
        ("no-slashes", b"ws:h"),
        ("long-path", b"ws://h/" + b"a/" * 300),
    ]:
        yield name, b"", text


def http_head():
    request, response = 255 & ~1, 255
    for name, kind, text in [
        ("request", request, REQUEST),
        ("response", response, RESPONSE),
        ("request-behind-an-empty-line", request, b"\r\n" + REQUEST),
        ("response-behind-an-empty-line", response, b"\r\n" + RESPONSE),
        ("no-field", request, b"GET / HTTP/1.1\r\n\r\n"),
        ("no-reason", response, b"HTTP/1.1 101 \r\n\r\n"),
        ("no-space-for-a-reason", response, b"HTTP/1.1 101\r\n\r\n"),
        ("bare-lf", request, b"GET / HTTP/1.1\nHost: h\n\n"),
        ("mixed-line-ends", request, b"GET / HTTP/1.1\r\nHost: h\n\r\n"),
        ("bare-cr", request, b"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n"),
        ("folded", request, b"GET / HTTP/1.1\r\nA: b,\r\n\t c\r\n\r\n"),
        ("folded-first", request, b"GET / HTTP/1.1\r\n A: b\r\n\r\n"),
        ("space-before-colon", request, b"GET / HTTP/1.1\r\nA : b\r\n\r\n"),
        ("no-colon", request, b"GET / HTTP/1.1\r\nnonsense\r\n\r\n"),
        ("no-name", request, b"GET / HTTP/1.1\r\n: b\r\n\r\n"),
        ("name-not-token", request, b"GET / HTTP/1.1\r\nA(b): c\r\n\r\n"),
        ("nul", request, b"GET / HTTP/1.1\r\nA: b\0c\r\n\r\n"),
        ("control", request, b"GET / HTTP/1.1\r\nA: b\x07c\x7f\r\n\r\n"),
        ("not-ascii", request, "GET / HTTP/1.1\r\nA: é\r\n\r\n".encode()),
        ("tabs-around", request, b"GET / HTTP/1.1\r\nA:\t b c\t \r\n\r\n"),
        ("three-words", request, b"GET  / HTTP/1.1\r\n\r\n"),
        ("http-0-9", request, b"GET /\r\n\r\n"),
        ("version-12", request, b"GET / HTTP/1.12\r\n\r\n"),
        ("status-99", response, b"HTTP/1.1 99 x\r\n\r\n"),
        ("status-1000", response, b"HTTP/1.1 1000 x\r\n\r\n"),
        ("one-field-of-room", 2, REQUEST),
        ("truncated", request, REQUEST[:-3]),
        ("bytes-behind", request, REQUEST + frame(0x81, b"Hello", KEY)),
    ]:
        yield name, [kind, len(name)], text


def close():
    for name, body in [
        ("empty", b""),
        ("one-octet", b"\x03"),
        ("normal", b"\x03\xe8"),
        ("normal-reason", b"\x03\xe8bye"),
        ("reason-not-ascii", struct.pack(">H", 4000) + "tschüß".encode()),
        ("reason-not-utf8", b"\x03\xe8\xce\xba\xff"),
        ("reason-unfinished", b"\x03\xe8\xf0\x9f\x98"),
        ("reason-longest", b"\x03\xe8" + b"x" * 123),
    ]:
        yield name, b"", body
    for code in [0, 999, 1000, 1003, 1004, 1005, 1006, 1007, 1011, 1012, 1014,
                 1015, 1016, 2999, 3000, 3999, 4000, 4999, 5000, 65535]:
        yield f"code-{code}", b"", struct.pack(">H", code)


# Octets of options of the connection (fuzz/connection.h).
PONGS, CLOSE_LATER, ECHO, CLOSE_FIRST, EOF, SMALL, NARROW = (1 << i for i in range(7))


def conversations(key):
    """What a peer may say once the connection is open, by name."""

    def f(first, payload=b""):
        return frame(first, payload, key)

    hello = f(0x81, b"Hello")
    bye = f(0x88, b"\x03\xe8bye")
    yield "hello-and-close", [ECHO], hello + bye
    yield "fragments", [ECHO], f(0x01, b"Hel") + f(0x80, b"lo") + bye
    yield "ping-between-fragments", [0], f(0x01, b"frag") + f(0x89, b"mid") + f(0x80, b"ment")
    yield "pings-and-pongs", [PONGS], f(0x89) + f(0x8A, b"x") + f(0x89, b"y" * 125)
    yield "pings-into-little-room", [NARROW], f(0x89, b"a" * 40) * 3 + hello
    yield "echoes-into-little-room", [NARROW | ECHO], hello * 12 + bye
    yield "binary-256", [ECHO], f(0x82, bytes(range(256)))
    yield "binary-64k", [0], f(0x82, bytes(65536))[:2000]
    yield "empty-messages", [ECHO], f(0x81) + f(0x02) + f(0x80) + f(0x82)
    yield "close-empty", [0], f(0x88)
    yield "close-answered-later", [CLOSE_LATER], hello + bye + hello
    yield "close-of-ours-first", [CLOSE_FIRST], hello + hello + bye
    yield "close-twice", [0], bye + bye
    yield "close-of-one-octet", [0], f(0x88, b"x")
    yield "close-1006", [0], f(0x88, b"\x03\xee")
    yield "close-reason-not-utf8", [0], f(0x88, b"\x03\xe8\xff")
    yield "end-without-close", [EOF], hello
    yield "end-inside-a-header", [EOF], hello + f(0x82, bytes(300))[:3]
    yield "end-inside-a-ping", [EOF], f(0x89, b"abc")[:-1]
    yield "end-after-close", [EOF], hello + bye
    yield "nothing", [EOF], b""
    yield "other-masking", [0], frame(0x81, b"Hello", None if key else KEY)
    yield "rsv1", [0], hello + f(0xC1, b"x")
    yield "opcode-3", [0], hello + f(0x83, b"x")
    yield "opcode-15", [0], f(0x8F)
    yield "ping-fragmented", [0], f(0x09)
    yield "ping-too-long", [0], f(0x89, bytes(126))
    yield "continuation-of-nothing", [0], f(0x80, b"x")
    yield "text-inside-a-message", [0], f(0x01, b"x") + hello
    yield "length-not-minimal", [0], header(0x82, 5, key, 2) + bytes(5)
    yield "length-top-bit", [0], header(0x82, 2**63, key, 8)
    yield "length-largest", [0], header(0x82, 2**63 - 1, key, 8) + b"abc"
    yield "frame-too-big", [SMALL], f(0x82, bytes(201))
    yield "message-too-big", [SMALL], f(0x02, bytes(150)) + f(0x80, bytes(151))
    yield "message-as-big-as-may-be", [SMALL], f(0x02, bytes(150)) + f(0x80, bytes(150))
    yield "too-many-fragments", [SMALL], f(0x01) + f(0x00) * 4
    for name, text in UTF8:
        if not name.startswith("long"):
            yield "text-" + name, [ECHO], f(0x01, text[:2]) + f(0x80, text[2:])
    yield "text-cut-inside-a-letter", [0], b"".join(
        f(first, octet) for first, octet in
        [(0x01, b"\xf0"), (0x00, b"\x9f"), (0x00, b"\x98"), (0x80, b"\x80")]
    )


# RFC 7692 7.2.3.1 to 7.2.3.6, and what is wrong with others.
DEFLATED = [
    ("rfc7692-hello", "f248cdc9c90700"),
    ("rfc7692-hello-from-the-window", "f200110000"),
    ("rfc7692-stored", "000500faff48656c6c6f00"),
    ("rfc7692-bfinal", "f348cdc9c9070000"),
    ("rfc7692-two-blocks", "f248050000 00ffffcac9c90700".replace(" ", "")),
    ("rfc7692-empty", "00"),
    ("dynamic-block", "05c0810800000000209fdaa9020c"),
    ("no-octet", ""),
    ("block-type-3", "07"),
    ("stored-complement-wrong", "000500000048656c6c6f00"),
    ("ends-inside-a-block", "f248cdc9"),
    ("distance-too-far", "4b040200"),
    ("ends-after-bfinal", "f348cdc9c90700"),
]


def bomb(length):
    """A fixed block of `length` letters a: matches of 258 octets, distance 1."""
    bits = "010" + "10010001"  # not final, fixed; a literal a
    count = (length - 1) // 258
    bits += ("11000101" + "00000") * count + "0000000" + "000"
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8][::-1], 2) for i in range(0, len(bits), 8))


def connection(key):
    for name, options, stream in conversations(key):
        yield name, options + [0, len(name)], stream
    for number, name in [(1, "takeover"), (3, "no-takeover")]:
        for first, octets in DEFLATED:
            payload = bytes.fromhex(octets)
            twice = frame(0xC1, payload, key) * 2
            yield f"{name}-{first}", [ECHO, number, 5], twice
    payload = bytes.fromhex(DEFLATED[0][1])
    split = frame(0x41, payload[:3], key) + frame(0x89, b"x", key) + frame(0x80, payload[3:], key)
    yield "deflate-ping-between-fragments", [0, 1, 9], split
    yield "deflate-bomb", [0, 1, 9], frame(0xC1, bomb(100000), key)
    yield "deflate-small-bomb", [SMALL, 1, 9], frame(0xC1, bomb(600), key)
    yield "deflate-pieces-then-more", [ECHO, 1, 9], \
        frame(0xC1, bomb(40000), key) + frame(0x81, b"Hello", key) + frame(0x89, b"x", key)
    final, again = (bytes.fromhex(DEFLATED[i][1]) for i in (3, 1))
    yield "deflate-window-after-bfinal", [0, 1, 9], frame(0xC1, final, key) + frame(0xC1, again, key)
    yield "deflate-and-plain", [ECHO, 1, 3], frame(0x81, b"Hello", key) + frame(0xC1, payload, key)


def conn_server():
    yield from connection(KEY)


def conn_client():
    yield from connection(None)


def golden():
    """The transcripts of tests/golden: role, readable name, stream, whether it ends."""
    for path in sorted(GOLDEN.glob("opening-*.md")) + sorted(GOLDEN.glob("[cm]*.md")):
        for section in re.split(r"^## ", path.read_text(), flags=re.M)[1:]:
            title, _, rest = section.partition("\n")
            stream, role, ends = b"", "server", False
            for kind, text in re.findall(r"^```(\w+)\n(.*?)^```", rest, re.M | re.S):
                if kind == "options" and "role client" in text:
                    role = "client"
                elif kind == "http":
                    stream += text.encode().replace(b"\n", b"\r\n")
                elif kind == "hex":
                    stream += read_hex(text)
                ends = ends or kind == "eof"
            name = re.sub("[^a-z0-9]+", "-", title.lower()).strip("-")
            if stream:
                yield role, f"golden-{path.stem}-{name}", stream, ends


def read_hex(text):
    octets = b""
    for item in re.findall(r'"([^"]*)"|#[^\n]*|([0-9A-F]{2})', text):
        octets += item[0].encode() + bytes.fromhex(item[1])
    return octets


REJECT, CHOOSE, HESITATE, OPENING_EOF, SHORT, FEW = (1 << i for i in range(6))


def opening_server():
    def asked(old, new):
        assert old in REQUEST
        return REQUEST.replace(old, new)

    hello = frame(0x81, b"Hello", KEY)
    yield "accepted", [CHOOSE, 1], REQUEST + hello
    yield "rejected", [REJECT, 1], REQUEST + hello
    yield "answered-later", [HESITATE, 1], REQUEST + hello * 3 + frame(0x88, b"", KEY)
    yield "head-too-long", [SHORT, 1], asked(b"chat, superchat", b"chat" * 50)
    yield "too-many-fields", [FEW, 1], REQUEST
    yield "end-inside-the-head", [OPENING_EOF, 1], REQUEST[:100]
    yield "nobody-asks", [OPENING_EOF, 1], b""
    yield "absolute-target", [0, 1], asked(b"/chat", b"http://server.example.com?x")
    yield "post", [0, 1], asked(b"GET", b"POST")
    yield "http-1-0", [0, 1], asked(b"HTTP/1.1", b"HTTP/1.0")
    yield "host-twice", [0, 1], asked(b"Origin: ", b"Host: ")
    yield "body", [0, 1], asked(b"Origin: ", b"Content-Length: 5\r\nOrigin: ")
    yield "version-8", [0, 1], asked(b"13", b"8")
    yield "key-of-15", [0, 1], asked(b"dGhlIHNhbXBsZSBub25jZQ==", b"dGhlIHNhbXBsZSBub25j")
    yield "key-of-90", [0, 1], asked(b"dGhlIHNhbXBsZSBub25jZQ==", b"dGhlIHNh" * 15)
    yield "key-pad-bits", [0, 1], asked(b"ZQ==", b"ZR==")
    yield "connection-list", [0, 1], asked(b": Upgrade", b": keep-alive, , upgrade")
    yield "connection-quoted", [0, 1], asked(b": Upgrade", b': "Upgrade"')
    yield "connection-quoted-escape", [0, 1], asked(b": Upgrade", b': "\\", Upgrade, "')
    yield "protocol-twice", [0, 1], asked(b"superchat", b"chat")
    yield "extensions", [0, 1], asked(
        b"Origin", b'Sec-WebSocket-Extensions: permessage-deflate; a="b", x\r\nOrigin')
    for role, name, stream, ends in golden():
        if role == "server":
            yield name, [OPENING_EOF * ends, 3], stream


def opening_client():
    def answered(old, new):
        assert old in RESPONSE
        return RESPONSE.replace(old, new)

    yield "accepted", [0, 1], RESPONSE + frame(0x81, b"Hello")
    yield "refused", [0, 1], b"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno"
    yield "interim", [0, 1], b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + RESPONSE
    yield "http-1-0", [0, 1], answered(b"HTTP/1.1", b"HTTP/1.0")
    yield "accept-wrong", [0, 1], answered(b"C/0nmHhB", b"C/0nmHhA")
    yield "accept-twice", [0, 1], answered(b"\r\n\r\n", b"\r\nSec-WebSocket-Accept: x\r\n\r\n")
    yield "upgrade-list", [0, 1], answered(b"websocket", b"websocket, h2c")
    yield "protocol-not-offered", [0, 1], answered(b": chat", b": other")
    yield "extension-offered", [0, 1], answered(
        b"Sec-WebSocket-Protocol: chat", b"Sec-WebSocket-Extensions: x-known")
    yield "extension-not-offered", [0, 1], answered(
        b"Sec-WebSocket-Protocol: chat", b"Sec-WebSocket-Extensions: other")
    yield "end-inside-the-head", [OPENING_EOF, 1], RESPONSE[:50]
    yield "too-many-fields", [FEW, 1], answered(b"\r\n\r\n", b"\r\nA: b\r\n\r\n")
    for role, name, stream, ends in golden():
        if role == "client":
            yield name, [OPENING_EOF * ends, 3], stream


# Field values: of RFC 6455 9.1, RFC 7692 7.1, and what is wrong with others.
EXTENSIONS = [
    ("one", "foo"),
    ("two", "foo, bar; baz=2"),
    ("quoted", 'foo; a="b"'),
    ("quoted-comma", 'foo; a="b,c"'),
    ("quoted-escape", r'foo; a="b\"c"'),
    ("quoted-empty", 'foo; a=""'),
    ("quote-open", 'foo; a="b'),
    ("empty-members", ", ,foo,, bar,"),
    ("only-commas", ", ,"),
    ("empty", ""),
    ("spaces-everywhere", " foo ;\t a = 1 ; b , bar "),
    ("no-value", "foo; a="),
    ("no-name", "foo; =1"),
    ("semicolon-last", "foo;"),
    ("two-tokens", "foo bar"),
    ("control", "foo\x01"),
    ("deflate", "permessage-deflate"),
    ("deflate-client-bits", "permessage-deflate; client_max_window_bits"),
    ("deflate-fallback", "permessage-deflate; client_max_window_bits; "
     "server_max_window_bits=10, permessage-deflate; client_max_window_bits"),
    ("deflate-all", "permessage-deflate; server_no_context_takeover; "
     "client_no_context_takeover; server_max_window_bits=8; client_max_window_bits=15"),
    ("deflate-quoted-bits", 'permessage-deflate; server_max_window_bits="10"'),
    ("deflate-bits-7", "permessage-deflate; server_max_window_bits=7, permessage-deflate"),
    ("deflate-bits-16", "permessage-deflate; client_max_window_bits=16"),
    ("deflate-leading-zero", "permessage-deflate; client_max_window_bits=08"),
    ("deflate-bits-without-value", "permessage-deflate; server_max_window_bits"),
    ("deflate-takeover-with-value", "permessage-deflate; server_no_context_takeover=1"),
    ("deflate-unknown-parameter", "permessage-deflate; foo, permessage-deflate"),
    ("deflate-parameter-twice",
     "permessage-deflate; client_max_window_bits; client_max_window_bits=9"),
    ("deflate-twice", "permessage-deflate, permessage-deflate"),
    ("deflate-upper-case", "Permessage-Deflate; SERVER_MAX_WINDOW_BITS=12"),
    ("deflate-two-fields", "x-other; a=1\npermessage-deflate; server_max_window_bits=9"),
]


def extensions():
    for name, value in EXTENSIONS:
        yield name, b"", value.encode()


def negotiate():
    for name, value in EXTENSIONS:
        yield name, [0, 0, 0, 0], value.encode()
        yield name + "-of-less", [3, 0xAA, 0, 0x9A], value.encode()
    for name, wants in [("all-wanted", [3, 0xAA, 3, 0x99]), ("all-8", [0, 0x88, 0, 0x88]),
                        ("server-wants-less", [0, 0xFF, 1, 0x9A])]:
        yield name, wants, EXTENSIONS[19][1].encode()


def inflate():
    takeover = 8

    def messages(*payloads):
        first = b"".join(struct.pack(">H", len(p)) + p for p in payloads)
        return first + bytes(2 * (3 - len(payloads)))

    for name, octets in DEFLATED:
        payload = bytes.fromhex(octets)
        yield name, [7 | takeover, 3], messages(payload, payload)
        yield name + "-fresh", [7, 3], messages(payload, payload)
    for number, length in [(0, 5000), (6, 257), (7, 259), (9, 16384), (10, 16385),
                           (12, 32769), (14, 65537)]:
        yield f"bomb-{length}-limit-{number}", [7 | number << 4, 3], messages(bomb(length))
    hello, again, final = (bytes.fromhex(DEFLATED[i][1]) for i in (0, 1, 3))
    yield "window-after-bfinal", [7 | takeover, 3], messages(final, again, hello)
    yield "window-in-the-next-message", [7 | takeover, 3], messages(hello, again)
    yield "window-that-is-gone", [7, 3], messages(hello, again)
    yield "nothing-may-come", [7 | 1 << 4, 3], messages(b"\x00", bytes.fromhex(DEFLATED[0][1]))
    yield "window-of-8-bits", [takeover, 3], messages(bomb(600), bomb(600))


def deflate():
    def say(server, text, kind, fragments, length, octets=b""):
        first = server | text << 1 | kind << 2 | (fragments - 1) << 4
        return bytes([first]) + struct.pack(">H", length) + octets

    own, same, again, noise = range(4)
    hello = say(0, 1, own, 1, 5, b"xHello")
    echo = say(1, 1, own, 3, 5, b"xHello")
    for name, wants in [
        ("as-it-comes", [0, 0, 0, 0, 0, 0, 0, 1]),
        ("fresh", [3, 0, 3, 0, 0, 0, 0, 2]),
        ("windows-8", [0, 0x88, 0, 0x88, 0, 0, 0, 3]),
        ("windows-9-level-1", [0, 0x99, 0, 0, 0x11, 0x11, 0, 4]),
        ("stored", [0, 0, 0, 0, 0xAA, 0, 0, 5]),
        ("short-ones-plain", [0, 0, 0, 0, 0x99, 0x99, 0x11, 6]),
        ("hint-of-the-client", [2, 0x90, 0, 0, 0, 0, 0, 7]),
    ]:
        script = hello + echo + hello + say(0, 0, same, 4, 3000, b"a") + \
            say(1, 0, noise, 2, 2000, b"a") + say(1, 0, again, 2, 7, b"\x55") + \
            say(0, 0, own, 1, 0, b"x") + say(0, 1, own, 2, 0, b"x")
        yield name, wants, script


def deed(which, arguments=b"", server=False):
    return bytes([which | (16 if server else 0)]) + bytes(arguments)


def script():
    """Deeds are numbered as in fuzz_script.c's do_deed."""
    data = lambda octets: bytes([len(octets)]) + octets
    text, binary = b"\x00", b"\x01"
    to_server, to_client = deed(9), deed(9, server=True)

    def connect(number=1):
        return deed(0, [number])

    def accept(number=0):
        return deed(1, [number])

    def send(opcode, octets, server=False):
        return deed(3, opcode + data(octets), server)

    def fragment(opcode, final, octets, server=False):
        return deed(4, opcode + bytes([final]) + data(octets), server)

    def close(code, reason=b"", server=False):
        return deed(7, code.to_bytes(2, "big") + data(reason), server)

    opened = connect() + to_server + accept() + to_client
    talk = (
        send(text, "h\u00e9".encode())
        + send(binary, b"\x00\xff", True)
        + fragment(text, 0, b"\xc3")
        + fragment(text, 1, b"\xa9")
        + deed(5, data(b"p"))
        + deed(6, data(b"q"), True)
        + to_server
        + to_client
    )
    ends = close(1000, b"bye") + to_server + to_client + deed(11) + deed(11, server=True)
    plain, manual, small, failing = 0, 3, 4, 8
    yield "opened", [plain, 0, 0, 7], opened
    yield "talk", [plain, 0, 0, 7], opened + talk + ends
    yield "talk-of-little-room", [small, 0, 0, 7], opened + talk * 4 + ends
    answers = close(4000, b"later", True) + send(text, b"x") + to_client
    answers += send(text, b"y") + close(4000) + to_server
    yield "answers-are-the-owners", [manual, 0, 0, 7], opened + talk + answers
    yield "keeps", [plain, 0, 0, 7], opened + send(text, b"abc") * 3 + deed(8, [20]) + (
        deed(15, server=True) + deed(12, server=True) + deed(8, [9])
    ) * 3 + ends
    for number in range(11):
        yield f"request-{number}", [plain, 0, 0, 7], connect(number) + to_server + accept()
    for number in range(7):
        octets = connect() + to_server + accept(number) + to_client + connect(2) + accept()
        yield f"answer-{number}", [plain, 0, 0, 7], octets
        octets = connect(2) + to_server + accept(number) + to_client
        yield f"answer-to-an-extension-{number}", [plain, 0, 0, 7], octets
    for number in range(8):
        octets = connect() + to_server + deed(2, [number]) + to_client + send(text, b"")
        yield f"refusal-{number}", [plain, 0, 0, 7], octets
    wrong = send(b"\x02", b"") + send(text, b"\xff") + fragment(text, 1, b"\xc3")
    wrong += fragment(text, 0, b"a") + fragment(binary, 1, b"b") + send(text, b"c")
    wrong += deed(5, data(b"a" * 126)) + close(1005, b"a") + close(1006) + close(999)
    wrong += close(1000, b"\xff") + close(1000, b"a" * 124) + close(1010, server=True)
    yield "arguments-that-are-refused", [plain, 0, 0, 7], opened + wrong + ends
    yield "too-early", [plain, 0, 0, 7], wrong + accept() + deed(2, [0]) + opened
    yield "too-late", [plain, 0, 0, 7], opened + ends + talk + wrong + connect() + accept()
    for fault in (1, 30, 40, 50):
        octets = opened + deed(13, [fault], True) + to_client + talk
        yield f"fails-for-{fault}", [plain, 0, 0, 7], octets
    forged = bytes([0x81, 0x00]), bytes([0x88, 0x02, 0x03, 0xE8]), bytes([0x81, 0x01, 0xFF])
    for number, octets in enumerate(forged):
        yield f"forged-{number}", [plain, 0, 0, 7], opened + deed(14, data(octets)) + talk
    yield "ends-while-asked", [plain, 0, 0, 7], connect() + to_server + deed(11, server=True)
    behind = connect() + to_server + deed(14, data(b"\x81\x80abcd"), True) + accept()
    yield "octets-behind-the-request", [plain, 0, 0, 7], behind + to_client + talk
    for number in range(1, 25):
        octets = opened + talk + ends
        yield f"client-fails-at-{number}", [failing, number, 0, 7], octets
        yield f"server-fails-at-{number}", [failing, 0, number, 7], octets


TARGETS = {
    "base64": base64,
    "close": close,
    "conn_client": conn_client,
    "conn_server": conn_server,
    "deflate": deflate,
    "extensions": extensions,
    "frame_header": frame_headers,
    "http_head": http_head,
    "inflate": inflate,
    "inflate_measured": inflate,
    "mask": mask,
    "negotiate": negotiate,
    "opening_client": opening_client,
    "opening_server": opening_server,
    "run_document": run_document,
    "script": script,
    "url": url,
    "utf8": utf8,
}


def seeds():
    """All of them, by their path below corpus/."""
    found = {}
    for target, make in TARGETS.items():
        for name, options, data in make():
            path = f"{target}/{name}"
            if path in found or not re.fullmatch(r"[a-z0-9_]+/[a-z0-9-]+", path):
                raise ValueError(path)
            found[path] = bytes(options) + data
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    wanted = seeds()
    present = {
        str(path.relative_to(CORPUS)): path.read_bytes()
        for target in TARGETS
        for path in (CORPUS / target).glob("*")
    }
    changes = 0
    for path in sorted(wanted.keys() | present.keys()):
        if path not in wanted:
            print(f"{path}: no seed of this script")
            changes += 1
        elif present.get(path) != wanted[path]:
            print(f"{path}: {'differs' if check else 'written'}")
            changes += 1
            if not check:
                (CORPUS / path).parent.mkdir(exist_ok=True)
                (CORPUS / path).write_bytes(wanted[path])
    return 1 if check and changes else 0


if __name__ == "__main__":
    sys.exit(main())
