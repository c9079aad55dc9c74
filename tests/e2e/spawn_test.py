"""`wsspec server --spawn` and `--pid`: a server's process, started, started again
and measured."""

import pathlib
import shlex
import subprocess
import tempfile
import unittest

import harness

URL = "ws://127.0.0.1:{port}/"
MEMORY = "robustness.declared-memory"
FRAGILE = f"{harness.PYTHON} {pathlib.Path(__file__).with_name('fragile_peer.py')} {{port}}"


class Spawn(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.json = pathlib.Path(folder.name) / "run.json"

    def server(self, url, *args):
        return harness.run(["server", url, "--json", self.json, *args], 120)

    def assert_gone(self, text):
        """Nothing is left behind."""
        left = subprocess.run(["pgrep", "-f", text], capture_output=True, text=True)
        self.assertEqual(left.stdout, "")

    def test_a_crash_is_blamed_and_the_rest_is_measured(self):
        done = self.server(
            URL, "--spawn", FRAGILE, "control.ping-is-answered", "masking.control-unmasked", "messages.empty"
        )
        self.assertEqual(done.code, 1, done)
        self.assertEqual(
            harness.verdicts(self.json),
            {
                "control.ping-is-answered": "pass",
                "masking.control-unmasked": "fail",
                "messages.empty": "pass",
            },
        )
        self.assertIn("it stopped accepting connections", done.out)
        self.assertIn("exited with status 3", done.err)
        self.assert_gone("fragile_peer.py")

    def memory(self, url, *args):
        """The first clause of a case that looks at the server's memory."""
        done = self.server(url, *args, MEMORY)
        self.assertEqual(done.code, 0, done)
        return harness.document(self.json)["results"][0]["clauses"][0]

    def test_the_process_is_measured(self):
        echo = f"{shlex.quote(harness.wsspec())} echo --listen 127.0.0.1:{{port}}"
        clause = self.memory(URL, "--spawn", echo)
        self.assertEqual(clause["verdict"], "pass")
        self.assertIn("memory grows by no more than", clause["expected"])

    def test_a_process_that_runs_is_measured(self):
        command = [harness.wsspec(), "echo", "--listen", "127.0.0.1:0"]
        with harness.serving(command, "listening on ") as (child, url):
            clause = self.memory(url, "--pid", child.pid)
            self.assertEqual(clause["verdict"], "pass")
            clause = self.memory(url)
            self.assertEqual(clause["verdict"], "info")
            self.assertIn("memory is not measured", clause["expected"])

    def test_mistakes(self):
        for args, code, words in [
            (("--spawn", "exit 7"), 6, "exited with status 7"),
            (("--spawn", "true", "--pid", "1"), 4, "give one of them"),
            (("--pid", "nobody"), 4, "not the number of a process"),
            (("--pid", "99999999"), 4, "its process is gone"),
        ]:
            with self.subTest(args=args):
                url = URL if args[0] == "--spawn" else "ws://127.0.0.1:9/"
                done = self.server(url, *args, "control.*")
                self.assertEqual(done.code, code, done)
                self.assertIn(words, done.err)


if __name__ == "__main__":
    harness.main()
