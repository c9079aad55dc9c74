#!/usr/bin/python3
"""The table of bad input in docs/cli.md, a test a row.

bad_input_test.py ROW...; without a row, all of them. Each row states how wsspec
ends, in which time, and what is left behind; memory is bounded for all.
"""

import os
import pathlib
import re
import sys
import tempfile
import unittest

import harness

# T for the peers that are waited for: the rows are about how a run ends, not
# about how long the default patience is.
BRIEF = ["--timeout", "0.5"]


class Peers(unittest.TestCase):
    """A server that is no server, or not for long."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.json = self.folder / "run.json"

    def server(self, url, *args, limit):
        done = harness.run(
            ["server", url, "--json", self.json, *args], limit=limit
        )
        self.assertLess(done.peak, harness.MEMORY_LIMIT, done)
        return done

    def unusable(self, mode, *args, limit=20):
        """The sanity check fails: exit 6, a reason, and a result."""
        with harness.bad_peer(mode, *args) as url:
            done = self.server(url, limit=limit)
        self.assertEqual(done.code, 6, done)
        self.assertIn(url.rstrip("/"), done.out + done.err)
        document = harness.document(self.json)
        self.assertEqual(document["schema"], "wsspec-run/1")
        for result in document["results"]:
            # What could not be measured is no failure of the server.
            self.assertIn(result["verdict"], ("error", "skip"), result["case"])
        return done

    def judged(self, mode, *args, limit=120, filters=()):
        """The handshake is fine: the run goes on, and finds it out."""
        with harness.bad_peer(mode, *args) as url:
            done = self.server(url, *BRIEF, *filters, limit=limit)
        self.assertEqual(done.code, 1, done)
        self.assertIn("fail", harness.verdicts(self.json).values(), done)
        return done

    def test_absent(self):
        done = self.unusable("absent", limit=5)
        self.assertIn("refused", (done.out + done.err).lower())

    def test_refusing(self):
        done = self.unusable("refusing", limit=10)
        self.assertIn("403", done.out + done.err)

    def test_silent(self):
        self.unusable("silent", limit=30)

    def test_closing(self):
        self.unusable("closing", limit=10)

    def test_resetting(self):
        self.unusable("resetting", limit=10)

    def test_not_http(self):
        self.unusable("not-http", limit=30)

    def test_binary_noise(self):
        self.unusable("binary-noise", limit=30)

    def test_endless_head(self):
        self.unusable("endless-head")

    def test_endless_line(self):
        self.unusable("endless-line")

    def test_dripping_head(self):
        self.unusable("dripping-head", limit=30)

    def test_endless_body(self):
        done = self.unusable("endless-body")
        self.assertIn("200", done.out + done.err)

    def test_endless_frames(self):
        self.unusable("endless-frames")

    def test_endless_pings(self):
        self.unusable("endless-pings")

    def test_endless_message(self):
        self.unusable("endless-message")

    def test_endless_payload(self):
        self.unusable("endless-payload")

    def certificates(self):
        return harness.Certificates(self.folder)

    def unreachable(self, url, *args, says):
        done = self.server(url, *args, limit=20)
        self.assertEqual(done.code, 6, done)
        for words in says:
            self.assertIn(words, done.err, done)
        document = harness.document(self.json)
        self.assertEqual(document["targets"][0]["url"], url)

    def test_untrusted(self):
        files = self.certificates()
        switches = ["--cacert", "--insecure", "certificate verify failed"]
        with harness.echo_server(*files.serves) as url:
            self.assertTrue(url.startswith("wss://127.0.0.1:"), url)
            self.unreachable(url, says=switches)
            self.unreachable(url, "--cacert", files.stranger, says=switches)
            other = url.replace("127.0.0.1", "127.0.0.2")
            self.unreachable(
                other, "--cacert", files.ca, "--connect", "127.0.0.1",
                says=[*switches, "IP address mismatch", "name.example"],
            )  # fmt: skip

    def test_no_tls(self):
        with harness.bad_peer("not-http") as url:
            url = url.replace("ws://", "wss://")
            self.unreachable(url, says=["the peer does not speak TLS"])

    def test_only_tls(self):
        files = self.certificates()
        with harness.echo_server(*files.serves) as url:
            self.unreachable(url.replace("wss://", "ws://"), says=["sanity"])

    def test_silent_tls(self):
        with harness.bad_peer("silent") as url:
            url = url.replace("ws://", "wss://")
            self.unreachable(url, says=["no TLS handshake within the timeout"])

    # The longest waits of the suite are of a fixed length (TCP teardown).
    QUICK = ("-x", "tag:slow", "-x", "tag:robustness")

    def test_mute(self):
        self.judged("mute", limit=300, filters=self.QUICK)

    def test_deaf(self):
        self.judged("deaf", limit=300, filters=self.QUICK)

    def test_resetting_later(self):
        self.judged("resetting-later")

    def test_careless(self):
        self.judged("careless")

    def test_dying(self):
        with harness.bad_peer("dying", "40") as url:
            done = self.server(url, *BRIEF, "-j", "4", limit=60)
        self.assertEqual(done.code, 6, done)
        results = harness.document(self.json)["results"]
        self.assertTrue(any(r["verdict"] == "pass" for r in results), done)
        # Which case was it? The ones that ran when it went away are named.
        suspects = [r["case"] for r in results if r["case"] in done.err + done.out]
        self.assertTrue(suspects, done)

    def test_interrupted(self):
        with harness.bad_peer("mute") as url:
            done = harness.run(
                ["server", url, "--json", self.json, "--timeout", "20"],
                limit=15,
                interrupt_after=2,
            )
        self.assertEqual(done.code, 2, done)
        self.assertEqual(harness.document(self.json)["schema"], "wsspec-run/1")


class Arguments(unittest.TestCase):
    """What the user wrote is not what can be done."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def refused(self, *args, code=4, says):
        done = harness.run(args, limit=5)
        self.assertEqual(done.code, code, done)
        for words in says:
            self.assertIn(words, done.err, done)
        self.assertLess(done.peak, harness.MEMORY_LIMIT, done)
        return done

    def test_bad_url(self):
        for url in (
            "127.0.0.1:9001",
            "ftp://127.0.0.1/",
            "ws://",
            "ws://127.0.0.1:99999/",
            "ws://127.0.0.1:port/",
            "ws://[::1/",
            "ws://user@127.0.0.1/",
            "ws://127.0.0.1/#fragment",
            "wss://",
        ):
            with self.subTest(url=url):
                self.refused("server", url, says=["URL"])

    def test_bad_certificate(self):
        files = harness.Certificates(self.folder)
        absent = self.folder / "absent.pem"
        empty = self.folder / "empty.pem"
        empty.touch()
        pair = (files.cert, files.key)
        for command, names in (
            (["server", "wss://127.0.0.1:1/"], ("--cert", "--key")),
            (["echo", "--listen", "127.0.0.1:0"], ("--tls-cert", "--tls-key")),
        ):
            for cert, key, words in (
                (absent, pair[1], str(absent)),
                (empty, pair[1], str(empty)),
                (pair[1], pair[1], str(pair[1])),
                (pair[0], absent, str(absent)),
                (pair[0], empty, str(empty)),
                (pair[0], files.stranger_key, "does not belong"),
                (pair[0], files.locked, "passphrase"),
            ):
                with self.subTest(command=command, cert=cert, key=key):
                    self.refused(
                        *command, names[0], cert, names[1], key, says=[words]
                    )
            self.refused(*command, names[1], pair[1], says=["key"])
        for ca in (absent, empty, pair[1]):
            self.refused(
                "server", "wss://127.0.0.1:1/", "--cacert", ca, says=[str(ca)]
            )

    def test_no_url(self):
        self.refused("server", says=["URL"])

    def test_unknown_option(self):
        self.refused(
            "server", "ws://127.0.0.1:1/", "--jason", "x", says=["--jason"]
        )

    def test_bad_value(self):
        for option, value in (
            ("--jobs", "0"),
            ("--jobs", "many"),
            ("--timeout", "-1"),
            ("--timeout", "soon"),
            ("--seed", "0x"),
            ("--level", "high"),
            ("--fail-on", "never"),
            ("--echo", "perhaps"),
            ("--header", "no colon"),
            ("--header", "X: a\r\nY: b"),
            ("--origin", "null\r\nY: b"),
            ("--subprotocol", "chat, superchat"),
        ):
            with self.subTest(option=option, value=value):
                self.refused(
                    "server", "ws://127.0.0.1:1/", option, value, says=[option]
                )

    def test_unknown_command(self):
        self.refused("serve", "ws://127.0.0.1:1/", says=["serve"])

    def test_unknown_filter(self):
        with harness.echo_server() as url:
            self.refused("server", url, "nosuch.*", code=5, says=["nosuch.*"])

    def test_unwritable_output(self):
        with harness.echo_server() as url:
            for option in ("--json", "--html"):
                path = self.folder / "missing" / "out"
                done = self.refused("server", url, option, path, says=[str(path)])
                # Before the run, not after it: nothing is lost.
                self.assertNotIn("pass", done.out)

    def test_output_is_a_directory(self):
        with harness.echo_server() as url:
            done = self.refused(
                "server", url, "--json", self.folder, says=[str(self.folder)]
            )
            self.assertNotIn("pass", done.out)

    def test_full_disk(self):
        """What can only be found at the end leaves what can be shown."""
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with harness.echo_server() as url:
            done = harness.run(
                ["server", url, "control.*", "--json", "/dev/full"], limit=20
            )
        self.assertNotEqual(done.code, 0, done)
        self.assertIn("/dev/full", done.err, done)

    def broken_case(self, text, *says):
        (self.folder / "broken.lua").write_text(text)
        self.refused(
            "server",
            "ws://127.0.0.1:1/",
            "--cases",
            self.folder,
            says=["broken.lua", *says],
        )

    def test_broken_case_syntax(self):
        self.broken_case("case {\n  id = \n}\n", "broken.lua:3")

    def test_broken_case_unknown_global(self):
        self.broken_case("\nos.exit(0)\n", "broken.lua:2", "os")

    def test_broken_case_field(self):
        self.broken_case('case { id = "broken.x", titel = "y" }\n', "titel")

    def test_broken_case_requirement(self):
        case = 'case {{ id = "broken.x", title = "T", requirements = {{ {} }},\n'
        case += "  run = function() end }}\n"
        self.broken_case(
            case.format('"6455-5.5-99"'), "broken.lua:2", "6455-5.5-99"
        )
        self.broken_case(case.format(""), "broken.x", "no requirement")

    def test_broken_case_endless(self):
        self.broken_case("while true do end\n", "broken.lua:1")

    def test_broken_case_greedy(self):
        self.broken_case(
            'local s = "x"\nwhile true do\n  s = s .. s\nend\n', "memory"
        )

    def test_broken_case_binary(self):
        """Precompiled Lua can do anything: only source text is loaded."""
        (self.folder / "broken.lua").write_bytes(b"\x1bLua\x54\0" + bytes(64))
        self.refused(
            "server",
            "ws://127.0.0.1:1/",
            "--cases",
            self.folder,
            says=["broken.lua"],
        )

    def test_no_case_directory(self):
        path = self.folder / "missing"
        self.refused(
            "server", "ws://127.0.0.1:1/", "--cases", path, says=[str(path)]
        )

    def test_broken_expectations(self):
        path = self.folder / "expect.json"
        path.write_text("{")
        self.refused(
            "server", "ws://127.0.0.1:1/", "--expect", path, says=[str(path)]
        )


class Table(unittest.TestCase):
    def test_table(self):
        """Each row of the documentation is a test, and each test a row."""
        rows = set()
        for name in ("cli.md", "bad-input.md"):
            path = harness.ROOT / "docs" / name
            if path.exists():
                text = path.read_text(encoding="utf-8")
                text = text[text.find("Bad input") :]
                rows |= set(re.findall(r"^\| `([a-z-]+)` \|", text, re.M))
        tests = {
            name.removeprefix("test_").replace("_", "-")
            for group in (Peers, Arguments)
            for name in dir(group)
            if name.startswith("test_")
        }
        self.assertEqual(rows, tests)
        registered = pathlib.Path(__file__).with_name("CMakeLists.txt")
        words = set(registered.read_text(encoding="utf-8").split())
        self.assertEqual({t for t in tests if t not in words}, set())


def test_of(row):
    """The unittest name of a row."""
    method = f"test_{row.replace('-', '_')}"
    for group in (Peers, Arguments, Table):
        if hasattr(group, method):
            return f"{group.__name__}.{method}"
    raise SystemExit(f"no test of the row '{row}'")


if __name__ == "__main__":
    harness.main([test_of(row) for row in sys.argv[1:]])
