#!/usr/bin/python3
"""coverage.py finds each way in which cases, reasons and document disagree."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import coverage

HERE = pathlib.Path(__file__).parent
REASON = "needs a command to the server"


def row(row_id, *cases, testable="blackbox-server", reason="not yet covered"):
    return {
        "id": row_id,
        "rfc": row_id.split("-")[0],
        "section": row_id.split("-")[1],
        "level": "MUST",
        "role": "server",
        "testable": testable,
        "statement": "A frame is a | frame.",
        "cases": list(cases),
        "uncovered_reason": None if cases else reason,
    }


class Rows(unittest.TestCase):
    def wrong(self, rows, reasons=()):
        return "\n".join(coverage.check(rows, list(reasons)))

    def test_all_is_well(self):
        rows = [
            row("6455-1-01", "a.b"),
            row("7692-1-02"),
            row("6455-1-03", testable="blackbox-client"),
            row("8441-1-04"),
        ]
        self.assertEqual(self.wrong(rows, [("7692-1-02", REASON)]), "")

    def test_neither_case_nor_reason(self):
        for testable in ("blackbox-server", "blackbox-both"):
            for rfc in ("6455", "7692"):
                found = self.wrong([row(rfc + "-1-01", testable=testable)])
                self.assertIn(rfc + "-1-01: has no case", found)

    def test_rot(self):
        found = self.wrong([row("6455-1-01", "a.b")], [("6455-1-01", REASON)])
        self.assertIn("yet a.b", found)

    def test_reason_for_nothing(self):
        rows = [row("6455-1-01", "a.b"), row("8441-1-01")]
        self.assertIn("does not exist", self.wrong(rows, [("6455-9-99", REASON)]))
        self.assertIn("needs no reason", self.wrong(rows, [("8441-1-01", REASON)]))

    def test_reason_twice_or_empty(self):
        rows = [row("6455-1-01")]
        twice = [("6455-1-01", REASON)] * 2
        self.assertIn("stands twice", self.wrong(rows, twice))
        self.assertIn("no reason to speak", self.wrong(rows, [("6455-1-01", "-")]))

    def test_nothing_is_bound(self):
        self.assertIn("nothing was checked", self.wrong([row("8441-1-01")]))


class Tree(unittest.TestCase):
    """The command, with a stand-in for wsspec."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name in (coverage.TABLE, coverage.REASONS, coverage.DOCUMENT):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        self.put(coverage.TABLE, "id,tests\n6455-2-01,\n6455-1-03,f.c:g\n")
        self.put(coverage.REASONS, f"id,reason\n6455-2-01,{REASON}\n")
        self.list(
            row("6455-1-01", "a.b", "c.d"),
            row("6455-1-03", testable="lib-only"),
            row("6455-2-01", reason=REASON),
        )

    def put(self, name, text):
        (self.root / name).write_text(text)

    def read(self, name):
        return (self.root / name).read_text()

    def list(self, *rows):
        path = self.root / "wsspec"
        path.write_text("#!/bin/sh\ncat <<'END'\n" + json.dumps({"requirements": rows}))
        path.chmod(0o755)

    def coverage(self, *arguments):
        return subprocess.run(
            [
                sys.executable,
                "-B",
                HERE / "coverage.py",
                *arguments,
                self.root / "wsspec",
                self.root,
            ],
            capture_output=True,
            text=True,
        )

    def test_written_then_up_to_date(self):
        self.assertIn("out of date", self.coverage().stderr)
        self.assertEqual(self.coverage("--write").returncode, 0)
        done = self.coverage()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "1 of 2 requirements have a case, 1 a reason\n")
        text = self.read(coverage.DOCUMENT)
        for part in (
            "## RFC 6455, 2\n",
            r"| 6455-1-01 | MUST | A frame is a \| frame. | `a.b`, `c.d` |",
            "| unit test: `f.c:g` |",
            f"| — {REASON} |",
        ):
            self.assertIn(part, text)

    def test_stale_document(self):
        self.coverage("--write")
        self.list(row("6455-1-01", "a.b"), row("6455-2-01", reason=REASON))
        done = self.coverage()
        self.assertEqual(done.returncode, 1)
        self.assertIn("out of date", done.stderr)

    def test_write_takes_rot_away(self):
        self.list(row("6455-2-01", "a.b"))
        self.assertIn("run script/traceability", self.coverage().stderr)
        self.assertEqual(self.coverage("--write").returncode, 0)
        self.assertEqual(self.read(coverage.REASONS), "id,reason\n")

    def test_write_invents_nothing(self):
        self.list(row("6455-1-01"))
        done = self.coverage("--write")
        self.assertEqual(done.returncode, 1)
        self.assertIn("6455-1-01: has no case", done.stderr)


if __name__ == "__main__":
    unittest.main()
