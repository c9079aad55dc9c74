#!/usr/bin/python3
"""The counterparts of the Autobahn Testsuite's cases: autobahn_test.py TEST...

All are there and run when they are named, each can fail, and Autobahn's
verdicts are those that it gives itself.
"""

import collections
import json
import pathlib
import tempfile
import unittest

import harness

# How many cases Autobahn has, by group.
GROUPS = {1: 16, 2: 11, 3: 7, 4: 10, 5: 20, 6: 145, 7: 37, 9: 54, 10: 1,
          12: 90, 13: 126}  # fmt: skip

# 12 and 13 are of one shape, for each size: these sizes stand for the others.
SHARE = "autobahn:1[23].*.[5-8]"

# Faults that between them break what each case judges.
FAULTS = {
    ("autobahn:[1-7].*", "autobahn:10.*"): [
        "close-accepts-1004", "close-accepts-1005", "close-accepts-1006",
        "close-accepts-below-1000", "close-accepts-one-byte",
        "close-accepts-unassigned", "close-reason-unchecked",
        "close-too-long-accepted", "close-unanswered", "echo-binary-as-text",
        "echo-text-as-binary", "fail-goes-on", "fragment-new-replaces",
        "fragment-stray-dropped", "mask-data-not-unmasked",
        "opcode-control-dropped", "opcode-data-dropped", "ping-unanswered",
        "pong-last-byte-cut", "ping-too-long-accepted", "rsv-dropped",
        "utf8-unchecked", "close-then-pong", "close-then-echo", "close-twice",
    ],
    ("autobahn:9.*",): [
        "echo-text-as-binary", "echo-binary-as-text", "mask-data-not-unmasked",
    ],
    (SHARE,): [
        "echo-text-as-binary", "echo-binary-as-text", "mask-data-not-unmasked",
    ],
}  # fmt: skip

# What no fault of the faulty peer breaks: a stray continuation follows in the
# same write, and whoever takes the control frame fails the connection for that.
HARDLY = {"autobahn.5.1", "autobahn.5.2"}


class Autobahn(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.json = pathlib.Path(folder.name) / "run.json"

    def results(self, *args, limit=280, codes=(0,)):
        done = harness.run([*args, "--json", self.json], limit=limit)
        self.assertIn(done.code, codes, done)
        return harness.document(self.json)["results"]

    def test_all_are_there(self):
        done = harness.run(["list", "autobahn:*", "--json", "-"], limit=30)
        cases = json.loads(done.out)["cases"]
        ids = [case["autobahn"] for case in cases]
        self.assertTrue(all(len(of) == 1 for of in ids))
        self.assertEqual(
            [case["id"] for case in cases],
            ["autobahn." + of[0] for of in ids],
        )
        found = collections.Counter(int(of[0].split(".")[0]) for of in ids)
        self.assertEqual(found, GROUPS)
        self.assertEqual(len({of[0] for of in ids}), sum(GROUPS.values()))
        # Nothing of it runs unless it is named.
        done = harness.run(["list", "--json", "-"], limit=30)
        rest = json.loads(done.out)["cases"]
        self.assertFalse(any(case["autobahn"] for case in rest))

    def test_conforming_peers_pass(self):
        for filters in FAULTS:
            done = harness.run(["selftest", "--no-kill", *filters], limit=280)
            self.assertEqual(done.code, 0, done)

    def test_each_can_fail(self):
        for filters, faults in FAULTS.items():
            judging = set()
            broken = set()
            for fault in faults:
                for result in self.results(
                    "selftest", "--fault", fault, *filters
                ):
                    if result["verdict"] != "info":
                        judging.add(result["case"])
                    if result["verdict"] in ("fail", "warn"):
                        broken.add(result["case"])
            self.assertGreater(len(judging), 40)
            self.assertEqual(judging - broken, judging & HARDLY)

    def check_bad_server(self, mode, behaviors, ok_closes):
        """Groups 1 to 7 and 10 as Autobahn itself judged such a server."""
        filters = ("autobahn:[1-7].*", "autobahn:10.*")
        with harness.bad_peer(mode) as url:
            results = self.results(
                "server", url, *filters, "--echo", "yes", "--timeout", "0.3",
                codes=(1,),
            )  # fmt: skip
        rows = [row for result in results for row in result["autobahn"]]
        found = collections.Counter(row["behavior"] for row in rows)
        closes = collections.Counter(row["behaviorClose"] for row in rows)
        self.assertEqual(found, behaviors)
        self.assertEqual(closes["OK"], ok_closes)

    def test_dropping_server(self):
        self.check_bad_server(
            "dropping",
            {"OK": 126, "NON-STRICT": 10, "INFORMATIONAL": 3, "FAILED": 108},
            117,
        )

    def test_mute_server(self):
        self.check_bad_server(
            "mute",
            {"OK": 55, "NON-STRICT": 10, "INFORMATIONAL": 3, "FAILED": 179},
            0,
        )

    def test_index_has_its_words(self):
        folder = self.json.parent / "autobahn"
        with harness.echo_server() as url:
            self.results("server", url, "autobahn:7.*", "--autobahn", folder)
        shown = harness.run(["show", self.json, "autobahn.7.3.3"], limit=30)
        self.assertIn("autobahn 7.3.3: behavior OK, close OK", shown.out)
        (cases,) = harness.document(folder / "index.json").values()
        self.assertEqual(len(cases), GROUPS[7])
        found = collections.Counter(case["behavior"] for case in cases.values())
        self.assertEqual(found, {"OK": 34, "INFORMATIONAL": 3})
        self.assertEqual(cases["7.7.10"]["remoteCloseCode"], 3000)


if __name__ == "__main__":
    harness.main()
