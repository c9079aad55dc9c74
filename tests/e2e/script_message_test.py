"""--script-message: a request and the pattern of its answer, for want of echo."""

import pathlib
import tempfile
import unittest

import harness

# The commands of the testee contract are an application's protocol as well: the
# reference answers this request with "close ping ...", and echoes nothing here.
LIST = "wsspec:do list"
CASES = (
    "fragmentation.p?ng-between-fragments",
    "states.closed-then-new",
    "handshake.text-in-same-segment",
)


class ScriptMessage(unittest.TestCase):
    def measure(self, *args, server=("--commands",)):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "run.json"
            with harness.echo_server(*server) as url:
                done = harness.run(
                    ["server", url, "--echo", "no", "--timeout", "1",
                     "--json", path, *args, *CASES],
                    limit=60,
                )  # fmt: skip
            results = harness.document(path)["results"]
        self.assertEqual(len(results), 4)
        return done, {r["case"]: r for r in results}

    def assert_all(self, results, verdict):
        for case, result in results.items():
            self.assertEqual(result["verdict"], verdict, (case, result["reason"]))

    def test_stands_in_for_echo(self):
        for pattern in (
            "close ping send fragments drop",
            "close*",
            "*drop",
            "*",
            "*ping*fragments*",
            "close ping*send fragments drop",
        ):
            with self.subTest(pattern=pattern):
                done, results = self.measure(
                    "--script-message", f"{LIST}=>{pattern}"
                )
                self.assertEqual(done.code, 0, done)
                self.assert_all(results, "pass")

    def test_another_answer(self):
        for pattern in (
            "close",
            "ping*",
            "*ping",
            "*fragments*ping*",
            "close ping send fragments drop*p",
        ):
            with self.subTest(pattern=pattern):
                done, results = self.measure(
                    "--script-message", f"{LIST}=>{pattern}"
                )
                self.assertEqual(done.code, 0, done)
                self.assert_all(results, "skip")

    def test_without_it(self):
        done, results = self.measure()
        self.assertEqual(done.code, 0, done)
        self.assert_all(results, "skip")
        self.assertIn("--script-message", results["states.closed-then-new"]["reason"])

    def test_a_fault_shows(self):
        """An echo is one of many answers that fit; what is cut off does not."""
        pair = "--script-message", "hello there=>hello*"
        done, results = self.measure(*pair, server=())
        self.assertEqual(done.code, 0, done)
        self.assert_all(results, "pass")
        done, results = self.measure(
            *pair, server=("--fault", "fragment-broken-by-control")
        )
        self.assertEqual(done.code, 1, done)
        found = {c: r["verdict"] for c, r in results.items()}
        self.assertEqual(found["states.closed-then-new"], "pass")
        self.assertEqual(found["fragmentation.ping-between-fragments"], "fail")

    def test_mistakes(self):
        for text, words in (
            ("no arrow", "not of the form"),
            ("=>answer", "not of the form"),
            ("request=>", "not of the form"),
            ("x" * 126 + "=>y", "more than 125"),
        ):
            with self.subTest(text=text):
                done = harness.run(
                    ["server", "ws://h/", "--script-message", text], limit=10
                )
                self.assertEqual(done.code, 4, done)
                self.assertIn(words, done.err)


if __name__ == "__main__":
    harness.main()
