"""Reports of a run: by options, from its document, of several runs together.

What the formats hold is checked by tests/reports/check_formats.py; here it gets
the files of real runs.
"""

import base64
import contextlib
import hashlib
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import unittest
import xml.etree.ElementTree

import harness

CHECK = harness.ROOT / "tests" / "reports" / "check_formats.py"
FAULT = ("--fault", "mask-accepts-clear-data")
FAILING = "masking.after-masked"
PASSING = "masking.unmasks-every-length"
NO_CHANGE = "0 regressions, 0 fixed, 0 other changes, 0 new, 0 gone\n"

# The options of files, and what the names of their files end in.
FILES = {
    "json": ".json",
    "html": ".html",
    "junit": ".xml",
    "tap": ".tap",
    "sarif": ".sarif",
    "markdown": ".md",
    "badge": ".svg",
    "pcapng": ".pcapng",
}

HOSTILE = (
    "</script><script>alert(1)</script>\x1b[31m\u202e\u200b]]>\"'`|# TODO x "
    "::error::y %0A [a](javascript:b) @team ##[add-mask]e ../../etc/passwd"
)
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class HostilePeer:
    """Names itself so, and closes with a bad code and such a reason."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self.listener.getsockname()[1]}/"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(
                    target=self.serve, args=(connection,), daemon=True
                ).start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                octets = connection.recv(4096)
                if not octets:
                    return
                head += octets
            key = next(
                line.split(b":")[1].strip()
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"sec-websocket-key")
            )
            accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
            connection.sendall(
                b"HTTP/1.1 101 " + HOSTILE.encode() + b"\r\n"
                b"Server: " + HOSTILE.encode() + b"\r\n"
                b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            )
            reason = HOSTILE.encode()[:100] + b"\xff\xfe\x00"
            while connection.recv(4096):
                connection.sendall(
                    bytes((0x88, len(reason) + 2)) + b"\x03\xe7" + reason
                )

    def close(self):
        self.listener.close()


class Formats(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def path(self, name):
        return self.folder / name

    def wsspec(self, *args, code=0, limit=120):
        done = harness.run(args, limit)
        self.assertEqual(done.code, code, done)
        return done

    def run_document(self, name, url, *args, code):
        self.wsspec("server", url, "--json", self.path(name), *args, code=code)
        return self.path(name)

    def check(self, folder):
        """What others' readers say of the files of a folder."""
        done = subprocess.run(
            [harness.PYTHON, "-B", CHECK, folder],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        if done.returncode == harness.SKIPPED:
            self.skipTest("a reader is not installed")
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr)[-4000:])

    def write_all(self, document, folder):
        """Every format of a document, under the names that CHECK knows."""
        folder.mkdir(exist_ok=True)
        files = [folder / f"run{ending}" for ending in FILES.values()]
        outputs = [word for file in files for word in ("-o", file)]
        self.wsspec("report", document, *outputs)
        for form, name in (("autobahn", "."), ("github", "run.github")):
            self.wsspec(
                "report", document, "--format", form, "-o", folder / name
            )

    # -- the formats of a run --------------------------------------------

    def test_options_and_report_write_the_same(self):
        asked = []
        for option, ending in FILES.items():
            asked += [f"--{option}", self.path(f"run{ending}")]
        asked += ["--autobahn", self.path("autobahn")]
        with harness.echo_server(*FAULT) as url:
            self.wsspec("server", url, "masking.*", "control.*", *asked, code=1)
        self.write_all(self.path("run.json"), self.path("again"))
        for ending in FILES.values():
            self.assertTrue(
                self.path(f"run{ending}").read_bytes()
                == self.path(f"again/run{ending}").read_bytes(),
                ending,
            )
        for file in self.path("autobahn").iterdir():
            again = self.path("again") / file.name
            self.assertTrue(file.read_bytes() == again.read_bytes(), file)
        self.check(self.path("again"))

    def test_formats_of_a_peer_that_is_not_ours(self):
        if not harness.installed("py-tornado"):
            self.skipTest("tornado is not installed")
        with harness.peer("py-tornado") as url:
            document = self.run_document(
                "run.json", url, "closing.*", "masking.*", "handshake.*", code=1
            )
        self.write_all(document, self.path("all"))
        self.check(self.path("all"))

    def test_formats_of_a_hostile_peer(self):
        cases = self.path("cases")
        cases.mkdir()
        text = json.dumps(HOSTILE, ensure_ascii=False).replace("\\u001b", "\\27")
        (cases / "hostile.lua").write_text(
            f"case {{ id = 'hostile.case', title = {text},\n"
            "requirements = { '6455-5.5.1-06' }, run = function(t)\n"
            f"t:variant({text}, function()\n"
            "local ws = t:open() ws:close(1000)\n"
            "ws:expect_close { req = '6455-5.5.1-06' } end) end }\n"
        )
        peer = HostilePeer()
        self.addCleanup(peer.close)
        for name, args in {
            "built-in": ["closing.reply"],
            "own": ["--cases", cases, "--agent", HOSTILE],
        }.items():
            document = self.run_document(
                f"{name}.json", peer.url, "--timeout", "0.3", *args, code=1
            )
            for result in harness.document(document)["results"]:
                self.assertEqual(result["verdict"], "fail", result["reason"])
            done = self.wsspec(
                "server", peer.url, "--timeout", "0.3", *args, code=1
            )
            self.assertEqual((done.out + done.err).count("##["), 0)
            self.write_all(document, self.path(name))
            self.check(self.path(name))
            for file in self.path(name).iterdir():
                # The document holds a case's script as it stands.
                if file.name != "run.json" and file.suffix != ".pcapng":
                    self.assert_harmless(file)

    def assert_harmless(self, file):
        text = file.read_text(encoding="utf-8")
        for character in "\x1b\x00\u202e\u200b\x7f":
            self.assertEqual(text.count(character), 0, (file, character))
        if file.suffix in (".xml", ".svg"):
            self.assertEqual(text.count("<script"), 0, file)
        if file.suffix != ".html":
            self.assertEqual(text.count("##["), 0, file)

    # -- GitHub ------------------------------------------------------------

    def test_github(self):
        summary = self.path("summary.md")
        summary.write_text("before\n")
        os.environ["GITHUB_STEP_SUMMARY"] = str(summary)
        self.addCleanup(os.environ.pop, "GITHUB_STEP_SUMMARY")
        with harness.echo_server(*FAULT) as url:
            done = self.wsspec("server", url, FAILING, "--github", code=1)
            commands = [
                line for line in done.out.splitlines() if line.startswith("::")
            ]
            self.assertEqual(len(commands), 1, done)
            self.assertTrue(
                commands[0].startswith(
                    "::error file=conformance/cases/masking.lua,line="
                ),
                commands,
            )
            text = summary.read_text()
            self.assertTrue(text.startswith("before\n## "), text)
            self.assertIn(f"`{FAILING} [tcp]`", text)
            # What the step wrote before counts.
            summary.write_text("x" * (2**20 - 100) + "\n")
            self.wsspec("server", url, FAILING, "--github", code=1)
            self.assertLessEqual(summary.stat().st_size, 2**20)
            os.environ["GITHUB_STEP_SUMMARY"] = str(self.path("no/where.md"))
            done = self.wsspec("server", url, FAILING, "--github", code=4)
            self.assertIn("no/where.md", done.err)

    # -- outputs -----------------------------------------------------------

    def test_a_report_on_standard_output_is_alone_there(self):
        with harness.echo_server() as url:
            done = self.wsspec("server", url, PASSING, "--tap", "-")
            self.assertTrue(done.out.startswith("TAP version 14\n1..1\n"), done)
            self.assertEqual(done.out.count("\n"), 3, done)
            self.assertIn("1 pass", done.err)
            done = self.wsspec(
                "server", url, "--junit", "-", "--tap", "-", code=4
            )
            self.assertIn("one report, not several", done.err)

    def test_report_and_badge_mistakes(self):
        with harness.echo_server() as url:
            run = self.run_document("run.json", url, PASSING, code=0)
        text = run.read_text()
        cut, newer = self.path("cut.json"), self.path("newer.json")
        cut.write_text(text[: len(text) // 2])
        newer.write_text(text.replace("wsspec-run/1", "wsspec-run/2"))
        tap = ("-o", "-", "--format", "tap")
        for args, words in {
            ("report", "-o", "x.xml"): "needs a run document",
            ("report", run): "needs -o FILE",
            ("report", run, "-o", "x.txt"): "does not end as a report does",
            ("report", run, "-o", "x", "--format", "x"): "--format",
            ("report", run, *tap, "-o", "y"): "--format is for one -o",
            ("report", run, "-o", self.path("no/x.xml")): "cannot write",
            ("report", run, *tap, "--only", "other"): "--only",
            ("report", cut, *tap): "truncated",
            ("report", newer, *tap): "newer wsspec",
            ("report", run, cut, *tap): "truncated",
            ("report", run, *tap, "--compare", cut): "truncated",
            ("badge",): "badge takes",
            ("badge", self.path("absent.json")): "absent.json",
            ("diff", run): "two run documents",
            ("diff", run, cut): "truncated",
            ("diff", newer, run): "newer wsspec",
            ("diff", run, run, "--json", self.path("no/x")): "cannot write",
        }.items():
            done = self.wsspec(*args, code=4)
            self.assertIn(words, done.err, done)
            self.assertEqual(done.out, "")
        done = self.wsspec("badge", run)
        self.assertIn("1 pass, 0 fail", done.out)
        self.wsspec("badge", run, "-o", self.path("badge.svg"))
        self.assertEqual(self.path("badge.svg").read_text(), done.out)

    def test_who_could_not_be_measured_did_not_pass(self):
        folder = self.path("all")
        folder.mkdir()
        config = self.path("servers.lua")
        config.write_text(
            f"""
            implementation {{
              name = "well", url = "ws://127.0.0.1:{{port}}/",
              start = {{ "{harness.wsspec()}", "echo",
                         "--listen", "127.0.0.1:0" }},
              ready = "listening on ws://127.0.0.1:{{port}}/",
            }}
            implementation {{ name = "gone", url = "ws://127.0.0.1:1/" }}
            implementation {{ name = "dead", url = "ws://127.0.0.1:1/",
                              start = "exit 7" }}
            """
        )
        asked = [f"--junit={folder}/run.xml", f"--json={folder}/run.json"]
        done = self.wsspec("run", "-c", config, "masking.*", *asked, code=6)
        self.assertIn("exited with status 7", done.err)
        self.write_all(folder / "run.json", folder)
        self.check(folder)
        root = xml.etree.ElementTree.parse(folder / "run.xml").getroot()
        self.assertEqual(
            [suite.get("errors") for suite in root], ["0", "1", "1"]
        )
        self.assertEqual(root.get("errors"), "2")
        for name, words in {
            "run.tap": "\nnot ok 14 - dead: the target can be measured",
            "run.github": "title=dead::could not be measured: exited with",
            "run.md": "`gone` could not be measured: ",
            "run.sarif": '"executionSuccessful": false',
        }.items():
            self.assertIn(words, (folder / name).read_text(), name)

    # -- several runs ------------------------------------------------------

    def two_runs(self):
        with harness.echo_server() as url:
            good = self.run_document("good.json", url, "masking.*", code=0)
        with harness.echo_server(*FAULT) as url:
            bad = self.run_document("bad.json", url, "masking.*", code=1)
        return good, bad

    def test_diff(self):
        good, bad = self.two_runs()
        self.assertEqual(self.wsspec("diff", good, good).out, NO_CHANGE)
        done = self.wsspec("diff", good, bad, code=1)
        self.assertTrue(done.out.startswith("Regressions: 4\n"), done)
        self.assertIn(f"pass  -> fail   {FAILING} [tcp]", done.out)
        self.assertIn("pass  -> fail   6455-5.1-03  MUST", done.out)
        done = self.wsspec("diff", bad, good)
        self.assertTrue(done.out.startswith("Fixed: 4\n"), done)
        done = self.wsspec("diff", good, bad, "--json", "-", code=1)
        diff = json.loads(done.out)
        self.assertEqual(diff["schema"], "wsspec-diff/1")
        cases = [r["case"] for r in diff["results"]["regressions"]]
        self.assertIn(FAILING, cases)
        html = self.path("changes.html")
        self.wsspec("report", bad, "--compare", bad, "-o", html)
        self.assertIn('<section id="diff">', html.read_text())

    def test_merging(self):
        good, bad = self.two_runs()
        both = self.path("both.json")
        done = self.wsspec("report", good, bad, "-o", both)
        self.assertEqual(done.err, "")
        targets = harness.document(both)["targets"]
        self.assertEqual([t["summary"]["fail"] for t in targets], [0, 4])
        # One server, two runs that do not agree: the worse counts, and is named.
        old, new = (harness.document(p)["targets"][0]["id"] for p in (good, bad))
        good.write_text(good.read_text().replace(old, new))
        for order in ((good, bad), (bad, good)):
            done = self.wsspec("report", *order, "-o", both)
            self.assertIn(f"{FAILING} of {new} (the worse is kept)", done.err)
            self.assertEqual(harness.verdicts(both)[FAILING], "fail")
        done = self.wsspec(
            "report", both, "-o", "-", "--format", "tap", "--only", "ws://*"
        )
        self.assertIn("not ok", done.out)

    def test_shards_are_a_partition(self):
        listed = self.wsspec("list").out.splitlines()
        parts = [
            self.wsspec("list", "--shard", f"{i}/3").out.splitlines()
            for i in (1, 2, 3)
        ]
        for part in parts:
            self.assertGreater(len(part), len(listed) / 5)
            # What judges the others' observations is of each part.
            observed = [line for line in part if line.startswith("observed.")]
            self.assertGreater(len(observed), 10)
        found = [
            line for part in parts for line in part
            if not line.startswith("observed.")
        ]  # fmt: skip
        whole = {line for line in listed if not line.startswith("observed.")}
        self.assertEqual(len(found), len(set(found)))
        self.assertEqual(set(found), whole)
        # A filter moves no case to another part.
        filtered = self.wsspec("list", "--shard", "2/3", "utf8.*").out
        expected = [line for line in parts[1] if line.startswith("utf8.")]
        self.assertEqual(filtered.splitlines(), expected)
        for bad in ("0/3", "4/3", "1", "1/", "-1/3", "1/3x", "a/b", "1/0"):
            self.wsspec("list", "--shard", bad, code=4)

    def test_shards_merge_into_the_whole(self):
        selection = ("masking.*", "observed.*", "control.*")
        parts = [self.path(f"{i}.json") for i in (1, 2, 3)]
        with harness.echo_server(*FAULT) as url:
            whole = self.run_document("whole.json", url, *selection, code=1)
            for i, part in enumerate(parts, 1):
                done = harness.run(
                    ["server", url, *selection, "--shard", f"{i}/3",
                     "--json", part], 60,
                )  # fmt: skip
                self.assertIn(done.code, (0, 1), done)
        merged = self.path("merged.json")
        done = self.wsspec("report", *parts, "-o", merged)
        self.assertEqual(done.err, "")
        self.assertEqual(self.wsspec("diff", whole, merged).out, NO_CHANGE)
        self.assertNotIn("shard", json.dumps(harness.document(merged)["run"]))

    def test_rerun(self):
        good, bad = self.two_runs()
        with harness.echo_server() as url:
            again = self.run_document("again.json", url, "--rerun", bad, code=0)
            failed = {c for c, v in harness.verdicts(bad).items() if v == "fail"}
            self.assertEqual(set(harness.verdicts(again)), failed)
            done = self.wsspec("server", url, "--rerun", good, code=5)
            self.assertIn("nothing failed", done.err)
            self.wsspec("server", url, "--rerun", self.path("no.json"), code=4)
            self.wsspec("server", url, "--rerun", bad, "control.*", code=5)

    # -- known deviations --------------------------------------------------

    def test_write_expect(self):
        known = self.path("known.json")
        with harness.echo_server(*FAULT) as url:
            done = self.wsspec(
                "server", url, "masking.*", "--write-expect", known, code=1
            )
            self.assertIn("4 new entries need a reason", done.err)
            entries = json.loads(known.read_text())
            self.assertEqual([e["why"] for e in entries], [""] * 4)
            # Nobody has given a reason yet.
            done = self.wsspec("server", url, "--expect", known, code=4)
            self.assertIn('"why"', done.err)
            entries = [
                {"case": "masking.empty*", "why": "w"},
                {"case": "masking.after*", "why": "x", "till": "2999-01-01"},
                {"case": "masking.nothing*", "why": "y"},
                {"case": "masking.no-such-case", "why": "gone"},
            ]
            known.write_text(json.dumps(entries))
            self.wsspec(
                "server", url, "masking.*", "--expect", known,
                "--write-expect", known, code=1,
            )  # fmt: skip
            written = json.loads(known.read_text())
            self.assertEqual(written[1:], entries[:3])
            self.assertEqual(written[0]["case"], "masking.data-unmasked")
            written[0]["why"] = "z"
            known.write_text(json.dumps(written))
            self.wsspec("server", url, "masking.*", "--expect", known)
            done = self.wsspec(
                "server", url, url, "--write-expect", known, code=4
            )
            self.assertIn("one URL", done.err)
        # A run that has no end has nothing to say.
        done = self.wsspec(
            "server", "ws://127.0.0.1:1/", "--write-expect", known, code=6
        )
        self.assertIn("is not written", done.err)
        self.assertEqual(json.loads(known.read_text()), written)


if __name__ == "__main__":
    harness.main()
