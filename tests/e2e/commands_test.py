"""--commands: the testee contract, with servers that keep it and that do not."""

import pathlib
import tempfile
import unittest

import harness

ONLY = ("commands.*",)


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "run.json"

    def measure(self, url, *args, cases=ONLY):
        done = harness.run(
            ["server", url, "-x", "tag:slow", "--json", self.path, *args,
             *cases],
            limit=120,
        )  # fmt: skip
        document = harness.document(self.path)
        return done, {r["case"]: r for r in document["results"]}

    def facts(self):
        return harness.document(self.path)["targets"][0]["facts"]

    def assert_all(self, results, verdict, words=""):
        self.assertGreater(len(results), 20)
        for case, result in results.items():
            self.assertEqual(result["verdict"], verdict, (case, result["reason"]))
            self.assertIn(words, result["reason"])

    def test_reference(self):
        with harness.echo_server("--commands") as url:
            done, results = self.measure(url, "--commands")
            self.assertEqual(done.code, 0, done)
            self.assert_all(results, "pass")
            self.assertEqual(
                self.facts()["commands"], "close ping send fragments drop"
            )
            # Nothing is asked for without the option.
            done, results = self.measure(url)
            self.assertEqual(done.code, 0, done)
            self.assert_all(results, "skip", "needs --commands")
            self.assertNotIn("commands", self.facts())

    def test_who_only_echoes(self):
        with harness.echo_server() as url:
            done, results = self.measure(url, "--commands")
        self.assertEqual(done.code, 0, done)
        self.assert_all(results, "skip", "does not implement 'wsspec:do ")
        self.assertIn("does not answer 'wsspec:do list'", done.err)

    def test_npm_ws(self):
        if not harness.installed("npm-ws"):
            self.skipTest("npm-ws is not installed: script/bootstrap peers")
        with harness.peer("npm-ws") as url:
            done, results = self.measure(url, "--commands")
        self.assertEqual(done.code, 0, done)
        self.assert_all(results, "pass")

    def test_py_websockets(self):
        if not harness.installed("py-websockets"):
            self.skipTest("py-websockets is not installed")
        with harness.peer("py-websockets") as url:
            done, results = self.measure(url, "--commands")
        self.assertEqual(done.code, 0, done)
        self.assert_all(results, "pass")

    def test_what_a_library_lets_out(self):
        """aiohttp sends what it is told; the observed checks, which judge what
        a server does unasked, hear nothing of that."""
        if not harness.installed("py-aiohttp"):
            self.skipTest("py-aiohttp is not installed")
        with harness.peer("py-aiohttp") as url:
            _, results = self.measure(
                url, "--commands", cases=(*ONLY, "closing.*", "observed.*")
            )
        found = {case: r["verdict"] for case, r in results.items()}
        self.assertEqual(found["commands.close-1005-refused"], "warn")
        self.assertEqual(found["commands.ping-too-long"], "fail")
        self.assertEqual(found["commands.fragments"], "skip")
        self.assertNotIn(
            found["observed.close-code"], ("fail", "warn", "error")
        )


if __name__ == "__main__":
    harness.main()
