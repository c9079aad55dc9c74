"""Reports as others' programs read them, and documents that are none."""

import json
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

import harness

FILTERS = ["masking.*", "length.*"]
FAULT = "mask-accepts-clear-data"
FILES = {
    "--junit": "run.xml",
    "--tap": "run.tap",
    "--sarif": "run.sarif",
    "--markdown": "run.md",
    "--badge": "run.svg",
    "--pcapng": "run.pcapng",
    "--html": "run.html",
}
BRIEF = ["--timeout", "0.5"]


def bad_cases(document):
    return {
        r["case"]
        for r in document["results"]
        if r["verdict"] in ("fail", "error", "warn")
    }


class Reports(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.json = self.folder / "run.json"
        before = os.environ.pop("GITHUB_STEP_SUMMARY", None)
        if before is not None:
            self.addCleanup(os.environ.__setitem__, "GITHUB_STEP_SUMMARY", before)

    def check(self, code, args):
        done = harness.run(args, 120)
        self.assertEqual(done.code, code, done)
        self.assertLess(done.peak, harness.MEMORY_LIMIT)
        return done

    def measure(self, code, *args, fault=None, filters=FILTERS, name="run.json"):
        """Runs against the echo server; the document."""
        more = ["--fault", fault] if fault else []
        path = self.folder / name
        with harness.echo_server(*more) as url:
            self.done = self.check(
                code, ["server", url, *filters, *BRIEF, "--json", path, *args]
            )
        return harness.document(path)

    def test_every_format(self):
        """By options of a run and from its document: the same octets."""
        summary = self.folder / "summary.md"
        summary.write_text("before\n")
        os.environ["GITHUB_STEP_SUMMARY"] = str(summary)
        self.addCleanup(os.environ.pop, "GITHUB_STEP_SUMMARY")
        options = ["--github", "--autobahn", self.folder / "autobahn"]
        for option, name in FILES.items():
            options += [option, self.folder / name]
        document = self.measure(1, "-q", *options, fault=FAULT)
        self.assertGreater(len(bad_cases(document)), 0)
        lines = [
            line + "\n"
            for line in self.done.out.splitlines()
            if line.startswith("::")
        ]
        (self.folder / "run.github").write_text("".join(lines))
        self.assertTrue(any(line.startswith("::error ") for line in lines))
        appended = summary.read_text()
        self.assertTrue(appended.startswith("before\n## WebSocket"), appended)

        again = self.folder / "again"
        again.mkdir()
        outputs = []
        for name in FILES.values():
            outputs += ["-o", again / name]
        self.check(0, ["report", self.json, *outputs])
        for name in FILES.values():
            self.assertEqual(
                (again / name).read_bytes(),
                (self.folder / name).read_bytes(),
                name,
            )
        self.check(0, ["report", self.json, "--format", "autobahn", "-o", again])
        for path in sorted((self.folder / "autobahn").iterdir()):
            self.assertEqual((again / path.name).read_bytes(), path.read_bytes())
            (self.folder / path.name).write_bytes(path.read_bytes())
        printed = self.check(0, ["report", self.json, "--format", "github"]).out
        self.assertEqual(printed, "".join(lines))
        badge = self.check(0, ["badge", self.json]).out
        self.assertEqual(badge, (self.folder / "run.svg").read_text())
        self.read_by_others()

    def read_by_others(self):
        checker = harness.ROOT / "tests" / "reports" / "check_formats.py"
        done = subprocess.run(
            [harness.PYTHON, "-B", checker, self.folder],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        self.assertIn(done.returncode, (0, harness.SKIPPED), done.stderr)

    def test_outputs_are_checked_first(self):
        """Before anything is measured, and whoever listens."""
        for option in [*FILES, "--json", "--autobahn", "--write-expect"]:
            with self.subTest(option=option):
                path = self.folder / "absent" / "file"
                began = time.monotonic()
                # Nobody listens there: a run would end with 6.
                done = self.check(
                    4, ["server", "ws://127.0.0.1:1/", option, path]
                )
                self.assertLess(time.monotonic() - began, 5)
                self.assertIn(str(path), done.err)
        self.measure(0)
        self.check(4, ["report", self.json, "-o", self.folder / "x.unknown"])
        self.check(4, ["report", self.json])
        self.check(4, ["report", self.json, "-o", "x.xml", "--format", "no"])
        done = self.check(
            4, ["report", self.json, "-o", self.folder / "absent" / "x.xml"]
        )
        self.assertIn("absent", done.err)

    def test_documents_that_are_none(self):
        """One line that says what is wrong and where, and exit code 4."""
        whole = self.json
        self.measure(0, filters=["masking.*"])
        text = whole.read_bytes()
        document = json.loads(text)
        results = document["results"]

        def changed(**members):
            return json.dumps({**document, **members}).encode()

        rows = {
            "truncated": (text[: len(text) // 2], "truncated"),
            "empty": (b"", "truncated"),
            "not-json": (b"<html>", "not JSON"),
            "newer": (changed(schema="wsspec-run/2"), "newer wsspec"),
            "of-others": (changed(schema="sarif"), "no run document"),
            "an-array": (b"[]", "is not an object"),
            "type": (changed(results={}), "$.results: is not an array"),
            "type-inside": (
                changed(results=[{**results[0], "clauses": [7]}]),
                "$.results[0].clauses[0]: is not an object",
            ),
            "reference": (
                changed(results=[{**results[0], "target": "nobody"}]),
                "$.results[0].target: names no target",
            ),
            "deep": (b"[" * 100000, "not JSON"),
            "nul": (b'{"schema": "a\\u0000b"}', "not JSON"),
            "not-utf-8": (b'{"schema": "\xc0\xaf"}', "not JSON"),
            "twice": (b'{"schema": 1, "schema": 2}', "not JSON"),
        }
        for name, (octets, words) in rows.items():
            path = self.folder / f"{name}.json"
            path.write_bytes(octets)
            for args in (
                ["report", path, "-o", self.folder / "x.xml"],
                ["report", whole, path, "-o", self.folder / "x.xml"],
                ["diff", whole, path],
                ["diff", path, whole],
                ["badge", path],
                ["server", "ws://127.0.0.1:1/", "--rerun", path],
            ):
                with self.subTest(name=name, command=args[0]):
                    done = self.check(4, args)
                    self.assertIn(words, done.err)
                    self.assertIn(path.name, done.err)
                    self.assertEqual(len(done.err.splitlines()), 1, done)
                    self.assertFalse((self.folder / "x.xml").exists())

    def test_hostile_names(self):
        """What a peer or a user chose stays text on the terminal, too."""
        name = "\x1b[31m::error::owned\r\n::error::owned\u202e</testsuite>"
        files = []
        for option, file in FILES.items():
            files += [option, self.folder / file]
        self.measure(
            1, "--github", "--agent", name, *files, fault=FAULT,
            filters=["masking.*"],
        )  # fmt: skip
        for text in (
            self.done.out,
            *(
                (self.folder / file).read_text(encoding="utf-8")
                for option, file in FILES.items()
                if option not in ("--pcapng", "--html")
            ),
        ):
            self.assertNotIn("\x1b", text)
            self.assertNotIn("\u202e", text)
            self.assertNotIn("\n::error::owned", text)
        diff = self.check(0, ["diff", self.json, self.json])
        self.assertNotIn("\x1b", diff.out)


if __name__ == "__main__":
    harness.main()
