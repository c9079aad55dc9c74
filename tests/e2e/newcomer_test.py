#!/usr/bin/python3
"""script/conformance, as a newcomer types it, on what is already built."""

import os
import subprocess
import time
import unittest

import harness

OUT = harness.ROOT / "reports" / "out"


def conformance(*args):
    began = time.monotonic()
    done = subprocess.run(
        [harness.ROOT / "script" / "conformance", *args],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=170,
        cwd="/",
    )
    return done, time.monotonic() - began


def echo_servers():
    """Process ids of running `wsspec echo`."""
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if words[0] == os.fsencode(harness.wsspec()) and words[1] == b"echo":
            found.add(int(pid))
    return found


class Newcomer(unittest.TestCase):
    def test_without_a_url(self):
        before = echo_servers()
        done, _ = conformance()
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("reports/out/index.html", done.stdout)
        self.assertTrue((OUT / "index.html").is_file())
        found = harness.verdicts(OUT / "run.json")
        self.assertGreater(list(found.values()).count("pass"), 100)
        self.assertEqual(echo_servers() - before, set(), "left running")

    def test_with_a_url_and_arguments(self):
        with harness.echo_server() as url:
            done, _ = conformance(url, "control.*", "--agent", "mine")
        self.assertEqual(done.returncode, 0, done)
        document = harness.document(OUT / "run.json")
        self.assertEqual(document["targets"][0]["agent"], "mine")
        for result in document["results"]:
            self.assertTrue(result["case"].startswith("control."))

    def test_set_up_is_quick_and_the_exit_status_is_the_runners(self):
        with harness.bad_peer("absent") as url:
            done, seconds = conformance(url)
        self.assertEqual(done.returncode, 6, done)
        self.assertLess(seconds, 5)


if __name__ == "__main__":
    harness.main()
