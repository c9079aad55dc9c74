#!/usr/bin/python3
"""The programs under examples/, from outside: examples_test.py TEST...

They are in $EXAMPLES. Conversations are those of a plain socket, so that no
other WebSocket library is needed; foreign_test.py has those.
"""

import contextlib
import os
import pathlib
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock

E2E = pathlib.Path(__file__).resolve().parents[1] / "e2e"
sys.path.insert(0, str(E2E))

import harness  # noqa: E402
import peers_test  # noqa: E402

SECONDS = 30  # for whatever should take none


def example(name):
    return pathlib.Path(os.environ["EXAMPLES"]) / name


@contextlib.contextmanager
def server(name, *args):
    """Gives the process and its URL; it has to end well, and without leaks."""
    command = [example(name), "--listen", "127.0.0.1:0", *args]
    with harness.serving(command, "listening on ") as (child, url):
        yield child, url
        if child.poll() is None:
            child.terminate()
        code = child.wait(SECONDS)
        assert code == 0, f"{name} ended with {code}"


def run(name, *args, lines=(), env=None):
    """Runs a program that ends by itself."""
    return subprocess.run(
        [example(name), *args],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        env={**os.environ, **(env or {})},
    )


class Certificates:
    """A certificate for localhost, and one of the same name that differs."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.cert, self.key = self.make("server")
        self.other, _ = self.make("other")

    def make(self, name):
        cert, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-out", cert, "-keyout", key],
            check=True, capture_output=True, timeout=SECONDS,
        )  # fmt: skip
        return cert, key


def text(sock, words):
    peers_test.send(sock, 1, words.encode())


class Example(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = pathlib.Path(cls.temporary.name)

    def goes_down_in_order(self, child, sock, goes):
        """SIGTERM: the client is told 1001, and answers; the server ends."""
        child.send_signal(signal.SIGTERM)
        kind, body = peers_test.read_message(sock)
        self.assertEqual((kind, body[:2]), (8, struct.pack("!H", 1001)))
        peers_test.send(sock, 8, body[:2])
        self.assertEqual(sock.recv(1), b"")
        sock.close()
        self.assertEqual(child.wait(SECONDS), 0, goes)

    def common_server(self, name, *args):
        self.assertEqual(run(name, "--help").returncode, 0)
        self.assertIn("usage", run(name, "--help").stdout)
        self.assertEqual(run(name, "--nonsense").returncode, 2)
        self.assertEqual(run(name, *args, "word").returncode, 2)
        for where in ("nowhere", "127.0.0.1:", "127.0.0.1:65536", ":1"):
            done = run(name, *args, "--listen", where)
            self.assertEqual(done.returncode, 2, where)
            self.assertIn(where, done.stderr)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            where = "127.0.0.1:%d" % taken.getsockname()[1]
            done = run(name, *args, "--listen", where)
        self.assertEqual(done.returncode, 1)
        self.assertIn("in use", done.stderr)

    def common_echo(self, name):
        self.common_server(name)
        with server(name) as (child, url):
            peers_test.check(url)
            sock = peers_test.connect(url)
            text(sock, "still here")
            self.assertEqual(peers_test.read_message(sock), (1, b"still here"))
            self.goes_down_in_order(child, sock, name)

    def silent_clients_do_not_keep_it(self, name):
        """Neither one that never asked, nor one that never answers."""
        with server(name) as (child, url):
            sock = peers_test.connect(url)
            port = int(url.rsplit(":", 1)[1].strip("/"))
            mute = socket.create_connection(("127.0.0.1", port))
            text(sock, "x")
            peers_test.read_message(sock)
            child.send_signal(signal.SIGINT)
            kind, _ = peers_test.read_message(sock)
            self.assertEqual(kind, 8)
            child.send_signal(signal.SIGINT)  # waits for nobody
            began = time.monotonic()
            self.assertEqual(child.wait(SECONDS), 0)
            self.assertLess(time.monotonic() - began, 3)
            mute.close()
            sock.close()

    def reading_stops_when_echoes_pile_up(self, name):
        """Who does not read cannot fill the memory: TCP takes no more."""
        with server(name) as (child, url):
            sock = peers_test.connect(url)
            message = bytes(1 << 16)
            frame = struct.pack("!BBQ", 0x82, 0xFF, len(message))
            frame += b"\0\0\0\0" + message
            sock.settimeout(1)
            sent = 0
            with self.assertRaises(TimeoutError):
                while sent < 1 << 28:
                    sent += sock.send(frame[sent % len(frame) :])
            status = pathlib.Path(f"/proc/{child.pid}/status").read_text()
            resident = int(status.split("VmRSS:")[1].split()[0]) << 10
            if not os.environ.get("SANITIZED"):
                self.assertLess(resident, 32 << 20)
            # And all of it comes back once it is read.
            sock.settimeout(SECONDS)
            got = 0
            for _ in range(sent // len(frame)):
                kind, echoed = peers_test.read_message(sock)
                self.assertEqual((kind, len(echoed)), (2, len(message)))
                got += 1
            self.assertGreater(got, 16)
            sock.close()


class PollEcho(Example):
    def test_echo(self):
        self.common_echo("poll-echo")

    def test_going_down(self):
        self.silent_clients_do_not_keep_it("poll-echo")

    def test_back_pressure(self):
        self.reading_stops_when_echoes_pile_up("poll-echo")


class EchoServer(Example):
    def test_echo(self):
        self.common_echo("echo-server")

    def test_going_down(self):
        self.silent_clients_do_not_keep_it("echo-server")

    def test_back_pressure(self):
        self.reading_stops_when_echoes_pile_up("echo-server")

    def test_wss(self):
        files = Certificates(self.folder)
        self.assertEqual(run("echo-server", "--cert", "absent").returncode, 1)
        keys = ("--cert", str(files.cert), "--key", str(files.key))
        with server("echo-server", *keys) as (child, url):
            self.assertTrue(url.startswith("wss://127.0.0.1:"), url)
            context = ssl.create_default_context(cafile=files.cert)
            plain, connect = socket.create_connection, peers_test.connect
            port = int(url.rsplit(":", 1)[1].strip("/"))

            def secure(where, seconds):
                sock = plain(where, seconds)
                return context.wrap_socket(sock, server_hostname="localhost")

            with unittest.mock.patch("socket.create_connection", secure):
                peers_test.check(url)
                sock = connect(url)
            self.goes_down_in_order(child, sock, port)

    def test_commands(self):
        def asked(sock, command):
            text(sock, f"wsspec:do {command}")
            return peers_test.read_message(sock)

        with server("echo-server", "--commands") as (_, url):
            sock = peers_test.connect(url)
            self.assertEqual(asked(sock, "send text é x"), (1, "é x".encode()))
            self.assertEqual(asked(sock, "send binary abc"), (2, b"abc"))
            self.assertEqual(asked(sock, "ping there"), (9, b"there"))
            self.assertEqual(
                asked(sock, "dance"), (1, b"wsspec:do dance")
            )  # unknown: a message like others
            wanted = struct.pack("!H", 4000) + "é".encode()
            self.assertEqual(asked(sock, "close 4000 é"), (8, wanted))
            sock.close()
            sock = peers_test.connect(url)
            self.assertEqual(asked(sock, "close"), (8, b""))
            sock.close()
        with server("echo-server") as (_, url):
            sock = peers_test.connect(url)
            said = "wsspec:do close 4000"
            self.assertEqual(asked(sock, "close 4000"), (1, said.encode()))
            sock.close()


class Client(Example):
    def test_usage(self):
        self.assertEqual(run("client", "--help").returncode, 0)
        self.assertEqual(run("client").returncode, 2)
        self.assertEqual(run("client", "ws://h/#fragment").returncode, 2)
        self.assertEqual(run("client", "--cacert", "no", "ws://h").returncode, 1)

    def test_lines(self):
        long = "x" * 300000
        with server("echo-server") as (_, url):
            done = run("client", url, lines=["hello", "", "wörld", long])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.split("\n"), ["hello", "", "wörld", long, ""])
        self.assertIn("permessage-deflate", done.stderr)
        self.assertIn("closed: 1000", done.stderr)

    def test_refused(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        done = run("client", f"ws://127.0.0.1:{port}/")
        self.assertEqual(done.returncode, 1)
        self.assertIn("failed: ", done.stderr)
        self.assertIn("refused", done.stderr)
        self.assertIn("closed uncleanly: 1006", done.stderr)

    def test_wss(self):
        files = Certificates(self.folder)
        keys = ("--cert", str(files.cert), "--key", str(files.key))
        with server("echo-server", *keys) as (_, url):
            named = url.replace("127.0.0.1", "localhost")
            for args in (
                ("--cacert", str(files.cert), url),
                ("--cacert", str(files.cert), named),
                ("--insecure", url),
            ):
                done = run("client", *args, lines=["hello"])
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(done.stdout, "hello\n")
            for args in ((url,), ("--cacert", str(files.other), url)):
                done = run("client", *args, lines=["hello"])
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertIn("certificate", done.stderr)

    def test_server_goes_down(self):
        with server("echo-server") as (child, url):
            client = subprocess.Popen(
                [example("client"), url],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            client.stdin.write(b"one\n")
            client.stdin.flush()
            self.assertEqual(harness.read_line(client.stdout, SECONDS), "one")
            child.send_signal(signal.SIGTERM)
            self.assertEqual(child.wait(SECONDS), 0)
            _, said = client.communicate(timeout=SECONDS)
        self.assertIn(b"closed: 1001", said)
        self.assertEqual(client.returncode, 0)

    def test_echo_against_ourselves(self):
        """As a testee that does what it is told."""
        with server("echo-server", "--commands", "--protocol", "chat") as (_, url):
            for command, status, said in (
                ("close 4000 é", 0, "closed: 4000"),
                ("send text wsspec:do close 4001 x", 0, "closed: 4001 x"),
                ("dance", 89, "closed: 1000"),
            ):
                done = run("client", "--echo", url, env={"WSSPEC_DO": command})
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertIn(said, done.stderr)
            child = subprocess.Popen(
                [example("client"), "--echo", url],
                stderr=subprocess.PIPE,
                env={**os.environ, "WSSPEC_DO": "offer chat"},
            )
            said = harness.read_line(child.stderr, SECONDS)
            child.send_signal(signal.SIGINT)
            child.communicate(timeout=SECONDS)
            self.assertIn("connected, chat", said)
            self.assertEqual(child.returncode, 0)


class Chat(Example):
    @contextlib.contextmanager
    def chat(self):
        files = Certificates(self.folder)
        keys = ("--cert", str(files.cert), "--key", str(files.key))
        with server("chat-server", *keys) as (child, url):
            yield child, url, files

    @contextlib.contextmanager
    def member(self, url, files):
        client = subprocess.Popen(
            [example("chat-client"), "--cacert", files.cert, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            yield client
        finally:
            client.kill()
            client.communicate()

    def say(self, client, line):
        client.stdin.write(f"{line}\n".encode())
        client.stdin.flush()

    def heard(self, client, line):
        self.assertEqual(harness.read_line(client.stdout, SECONDS), line)

    def silent_member(self, url, files):
        """Joins, and reads nothing of what is said there."""
        port = int(url.rsplit(":", 1)[1].strip("/"))
        context = ssl.create_default_context(cafile=files.cert)
        sock = socket.create_connection(("127.0.0.1", port), SECONDS)
        sock = context.wrap_socket(sock, server_hostname="localhost")
        sock.sendall(
            b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Protocol: chat\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Sec-WebSocket-Version: 13\r\n\r\n"
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += sock.recv(1)
        self.assertIn(b" 101 ", head)
        return sock

    def test_usage(self):
        self.assertEqual(run("chat-server").returncode, 2)
        self.assertEqual(run("chat-client").returncode, 2)
        self.assertEqual(run("chat-client", "--help").returncode, 0)
        files = Certificates(self.folder)
        self.common_server(
            "chat-server", "--cert", str(files.cert), "--key", str(files.key)
        )

    def test_conversation(self):
        with self.chat() as (child, url, files), self.member(
            url, files
        ) as one:
            self.heard(one, "guest 1 joined")
            with self.member(url, files) as two:
                self.heard(two, "guest 2 joined")
                self.heard(one, "guest 2 joined")
                self.say(two, "grüß euch")
                self.heard(one, "guest 2: grüß euch")
                self.heard(two, "guest 2: grüß euch")
                picture = self.folder / "picture"
                picture.write_bytes(os.urandom(300000))
                self.say(one, f"/send {picture}")
                self.heard(two, "guest 1 sends a file")
                self.heard(two, "(a file of 300000 bytes)")
                self.heard(one, "guest 1 sends a file")
                self.say(one, "/send absent")
                self.say(two, "/quit")
                self.assertEqual(two.wait(SECONDS), 0)
            self.heard(one, "guest 2 left")
            child.send_signal(signal.SIGTERM)
            self.assertEqual(child.wait(SECONDS), 0)
            _, said = one.communicate(timeout=SECONDS)
            self.assertEqual(one.returncode, 0)
            self.assertIn(b"absent: No such file", said)
            self.assertIn(b"closed: 1001", said)

    def test_other_protocols_are_refused(self):
        with self.chat() as (_, url, files):
            done = run("client", "--cacert", str(files.cert), url)
            self.assertEqual(done.returncode, 1)
            self.assertIn("400", done.stderr)

    def test_slow_members_are_dropped(self):
        with self.chat() as (_, url, files), self.member(
            url, files
        ) as one:
            self.heard(one, "guest 1 joined")
            slow = self.silent_member(url, files)
            self.heard(one, "guest 2 joined")
            large = self.folder / "large"
            large.write_bytes(os.urandom(4 << 20))
            for _ in range(12):
                self.say(one, f"/send {large}")
                self.heard(one, "guest 1 sends a file")
            # The closing timeout ends it: it does not even read the Close.
            self.heard(one, "guest 2 is gone")
            self.say(one, "quiet again")
            self.heard(one, "guest 1: quiet again")
            slow.close()


class Conformance(Example):
    """The suite of wsspec has nothing against the servers."""

    def conforms(self, name, *args, options=()):
        path = self.folder / "run.json"
        with server(name, *args) as (child, url):
            done = harness.run(
                ["server", url, "--json", path, "--fail-on", "warn", *options],
                limit=300,
            )
            self.assertEqual(done.code, 0, done)
            self.assertIsNone(child.poll())
        found = harness.verdicts(path)
        self.assertGreater(
            sum(verdict == "pass" for verdict in found.values()), 200
        )
        bad = {c: v for c, v in found.items() if v in ("fail", "warn", "error")}
        self.assertEqual(bad, {})

    def test_poll_echo(self):
        self.conforms("poll-echo")

    def test_echo_server(self):
        self.conforms(
            "echo-server", "--protocol", "chat", "--commands",
            options=("--subprotocol", "chat"),
        )  # fmt: skip

    def test_wss(self):
        files = Certificates(self.folder)
        self.conforms(
            "echo-server", "--cert", str(files.cert), "--key", str(files.key),
            options=("--cacert", str(files.cert)),
        )  # fmt: skip


if __name__ == "__main__":
    harness.main()
