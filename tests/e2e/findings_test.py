#!/usr/bin/python3
"""docs/findings.md is what script/findings writes, and that cannot be cheated."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import harness

FILES = ("script/findings", "docs/findings.md", "conformance/peers/findings.md",
         "conformance/peers/all.lua")  # fmt: skip
OF_A_PEER = ("run.json", "known.json", "findings.md")


def findings(root, *args):
    return subprocess.run(
        [sys.executable, "-B", pathlib.Path(root, "script/findings"), *args],
        capture_output=True,
        text=True,
        timeout=30,
    )


class Findings(unittest.TestCase):
    def setUp(self):
        """A copy of what the page is made of, to be spoiled."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        peers = harness.ROOT.glob("conformance/peers/*/known.json")
        files = [harness.ROOT / name for name in FILES]
        files += [p.parent / name for p in peers for name in OF_A_PEER]
        for file in files:
            copy = self.root / file.relative_to(harness.ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
        self.peer = self.root / "conformance" / "peers" / "py-tornado"

    def edit(self, name, change):
        path = self.peer / name
        value = json.loads(path.read_text())
        change(value)
        path.write_text(json.dumps(value))

    def refused(self, *words):
        done = findings(self.root, "--check")
        self.assertEqual(done.returncode, 1, done)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_page_is_up_to_date(self):
        done = findings(harness.ROOT, "--check")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_stale_page(self):
        def lose(run):
            run["summary"]["pass"] -= 1

        self.edit("run.json", lose)
        self.refused("out of date")
        self.assertEqual(findings(self.root).returncode, 0)
        self.assertEqual(findings(self.root, "--check").returncode, 0)

    def test_deviation_without_a_reason(self):
        self.edit("known.json", lambda known: known.pop())
        self.refused("known.json", "no entry for")

    def test_reason_without_a_deviation(self):
        self.edit("known.json", lambda known: known.append(
            {"case": "closing.reply", "verdict": "fail", "why": "TO-1: none"}
        ))  # fmt: skip
        self.refused("nothing in run.json is as closing.reply says")

    def test_other_verdict(self):
        def soften(known):
            known[0]["verdict"] = "warn"

        self.edit("known.json", soften)
        self.refused("no entry for", "which is a fail")

    def test_fail_without_a_finding(self):
        def forget(known):
            known[0]["why"] = "nobody knows"

        self.edit("known.json", forget)
        self.refused("begins with the finding")

    def test_section_without_a_case(self):
        path = self.peer / "findings.md"
        path.write_text(path.read_text() + "\n## TO-99: Nothing\n\nAt all.\n")
        self.refused("TO-99", "known.json")

    def test_unknown_octets(self):
        path = self.peer / "findings.md"
        path.write_text(path.read_text() + "\n{{wire no.such-case}}\n")
        self.refused("no octets of 'no.such-case'")


if __name__ == "__main__":
    harness.main()
