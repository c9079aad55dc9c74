#!/usr/bin/python3
"""The examples and other people's WebSocket, both ways: foreign_test.py TEST...

python3-websockets and npm's ws (conformance/peers) as clients of echo-server and
as servers for client. Skips what is not installed.
"""

import asyncio
import json
import random
import subprocess
import unittest

import examples_test
import harness

MESSAGES = [
    "",
    "h\u00e9llo, w\u00f6rld \u20ac",
    bytes(range(256)),
    "again and again " * 5000,
    random.Random(1).randbytes((1 << 20) + 7),
]

NODE_CLIENT = """
import { WebSocket } from 'ws';
import assert from 'node:assert';
const messages = [
  'h\\u00e9llo', '', 'again and again '.repeat(5000), Buffer.alloc(1 << 20, 7),
];
const ws = new WebSocket(process.argv[1]);
let at = 0;
const step = () => at < messages.length ? ws.send(messages[at]) : ws.ping('x');
ws.on('open', step);
ws.on('message', (data, binary) => {
  assert.equal(binary, messages[at] instanceof Buffer);
  assert.ok(data.equals(Buffer.from(messages[at])));
  at++;
  step();
});
ws.on('pong', (data) => {
  assert.equal(data.toString(), 'x');
  ws.close(4001, 'enough');
});
ws.on('close', (code, reason) => {
  console.log(JSON.stringify(
    { at, code, reason: reason.toString(), extensions: ws.extensions }));
});
ws.on('error', (error) => { throw error; });
"""


@unittest.skipUnless(
    harness.installed("py-websockets"), "python3-websockets: script/bootstrap peers"
)
class PythonWebsockets(unittest.TestCase):
    def test_as_client(self):
        import websockets

        async def talk(url):
            async with websockets.connect(url, max_size=1 << 24) as ws:
                names = [extension.name for extension in ws.extensions]
                for message in MESSAGES:
                    await ws.send(message)
                    self.assertEqual(await ws.recv(), message)
                await ws.send(["in ", "three ", "pieces"])
                self.assertEqual(await ws.recv(), "in three pieces")
                await (await ws.ping())
                await ws.close(4001, "enough")
                return names, ws.close_code, ws.close_reason

        for args, wanted in (((), ["permessage-deflate"]), (("--no-deflate",), [])):
            with examples_test.server("echo-server", *args) as (_, url):
                talking = asyncio.wait_for(talk(url), examples_test.SECONDS)
                names, code, reason = asyncio.run(talking)
            self.assertEqual(names, wanted)
            self.assertEqual(code, 4001)

    def test_as_server(self):
        """`client --echo` is a testee: it echoes and ends with the connection."""
        import websockets

        async def handle(ws):
            self.names = [extension.name for extension in ws.extensions]
            for message in MESSAGES:
                await ws.send(message)
                self.echoed.append(await ws.recv())
            await (await ws.ping())
            await ws.close(4002, "done")

        async def serve(*args):
            async with websockets.serve(
                handle, "127.0.0.1", 0, max_size=1 << 24
            ) as server:
                port = server.sockets[0].getsockname()[1]
                client = await asyncio.create_subprocess_exec(
                    examples_test.example("client"),
                    "--echo",
                    *args,
                    f"ws://127.0.0.1:{port}/",
                    stderr=subprocess.PIPE,
                )
                _, said = await asyncio.wait_for(
                    client.communicate(), examples_test.SECONDS
                )
                return client.returncode, said.decode()

        for args, wanted in (((), ["permessage-deflate"]), (("--no-deflate",), [])):
            self.echoed = []
            code, said = asyncio.run(serve(*args))
            self.assertEqual(self.names, wanted)
            self.assertEqual(code, 0, said)
            self.assertIn("closed: 4002 done", said)
            self.assertEqual(self.echoed, MESSAGES)


@unittest.skipUnless(harness.installed("npm-ws"), "ws: script/bootstrap peers")
class NpmWs(unittest.TestCase):
    def test_as_client(self):
        with examples_test.server("echo-server") as (_, url):
            done = subprocess.run(
                ["node", "--input-type=module", "-e", NODE_CLIENT, url],
                cwd=harness.ROOT / "conformance" / "peers" / "npm-ws",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                timeout=examples_test.SECONDS,
            )
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        self.assertEqual((said["at"], said["code"]), (4, 4001))
        self.assertIn("permessage-deflate", said["extensions"])

    def test_as_server(self):
        lines = [f"line {n} \u20ac" for n in range(2000)] + ["x" * 100000]
        with harness.peer("npm-ws") as url:
            done = examples_test.run("client", "--linger", "0.5", url, lines=lines)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines(), lines)


if __name__ == "__main__":
    harness.main()
