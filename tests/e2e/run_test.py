"""`wsspec run -c FILE`: implementations that are started, tested, stopped."""

import pathlib
import tempfile
import unittest

import harness

ECHO = """
implementation {{
  name = "{name}",
  start = {{ "{wsspec}", "echo", "--listen", "127.0.0.1:{listen}"{more} }},
  {ready}
  url = "ws://127.0.0.1:{{port}}/",
  {fields}
}}
"""
READY = 'ready = "listening on ws://127.0.0.1:{port}/",'
FILTER = "masking.*"


def echo(name, listen="0", ready=READY, fault=None, fields=""):
    more = f', "--fault", "{fault}"' if fault else ""
    return ECHO.format(
        name=name,
        listen=listen,
        ready=ready,
        fields=fields,
        more=more,
        wsspec=harness.wsspec(),
    )


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.json = self.folder / "run.json"

    def run_with(self, text, *args, **kwargs):
        config = self.folder / "servers.lua"
        config.write_text(text)
        return harness.run(
            ["run", "-c", config, "--json", self.json, *args], 120, **kwargs
        )

    def test_matrix(self):
        text = echo("good one") + echo("bad one", fault="mask-accepts-clear-data")
        done = self.run_with(text, FILTER)
        self.assertEqual(done.code, 1, done)
        document = harness.document(self.json)
        targets = document["targets"]
        self.assertEqual([t["id"] for t in targets], ["good one", "bad one"])
        self.assertEqual(targets[0]["summary"]["fail"], 0)
        self.assertGreater(targets[1]["summary"]["fail"], 0)
        self.assertTrue(targets[1]["url"].startswith("ws://127.0.0.1:"))
        row = [
            line.split()
            for line in done.out.splitlines()
            if line.startswith("6455-5.1-03 ")
        ]
        self.assertEqual(row, [["6455-5.1-03", "MUST", ".", "fail"]])
        repeat = "--only 'bad one' --seed 1 masking."
        self.assertIn(repeat, done.out)

    def test_readiness_by_the_port(self):
        text = echo("by port", listen="{port}", ready="")
        done = self.run_with(text, FILTER)
        self.assertEqual(done.code, 0, done)

    def test_one_of_them(self):
        text = echo("one") + echo("two")
        done = self.run_with(text, FILTER, "--only", "t*")
        self.assertEqual(done.code, 0, done)
        targets = harness.document(self.json)["targets"]
        self.assertEqual([t["id"] for t in targets], ["two"])
        done = self.run_with(text, "--only", "three")
        self.assertEqual(done.code, 4, done)
        self.assertIn("--only: 'three' names no implementation", done.err)

    def test_who_does_not_start_costs_nobody_else(self):
        text = (
            'implementation { name = "gone", url = "ws://127.0.0.1:1/",'
            ' start = { "/no/such/program" } }\n'
            'implementation { name = "dies", url = "ws://127.0.0.1:{port}/",'
            ' start = "echo no licence >&2; exit 7" }\n'
            'implementation { name = "slow", url = "ws://127.0.0.1:{port}/",'
            ' start = "exec sleep 600", ready_within = 0.2 }\n'
            'implementation { name = "odd", url = "ws://127.0.0.1:{port}/",'
            ' start = "echo ready soon; exec sleep 600",'
            ' ready = "ready {port}" }\n' + echo("well")
        )
        done = self.run_with(text, FILTER)
        self.assertEqual(done.code, 6, done)
        for words in (
            "gone: cannot start /no/such/program: No such file",
            "dies: exited with status 7; its output ends: no licence",
            "slow: it was not ready in time; it printed nothing",
            "odd: its line of readiness has no port",
        ):
            self.assertIn(words, done.err)
        targets = harness.document(self.json)["targets"]
        self.assertEqual(len(targets), 5)
        self.assertIn("licence", targets[1]["facts"]["not-measured"])
        self.assertGreater(targets[4]["summary"]["pass"], 0)

    def test_what_each_needs(self):
        expected = self.folder / "known.json"
        expected.write_text(
            '[{"case": "masking.*", "verdict": "fail", "why": "by design"}]'
        )
        text = echo(
            "known",
            fault="mask-accepts-clear-data",
            fields='expect = "known.json", exclude = { "masking.key*" },'
            ' headers = { "X-Token: 1" }, timeout = 2,',
        )
        done = self.run_with(text, FILTER)
        self.assertIn("known deviations", done.out)
        cases = {r["case"] for r in harness.document(self.json)["results"]}
        self.assertFalse([c for c in cases if c.startswith("masking.key")])

    def test_interrupted(self):
        text = echo("first") + (
            'implementation { name = "never", url = "ws://127.0.0.1:{port}/",'
            ' start = "exec sleep 600", ready_within = 600 }\n'
        )
        done = self.run_with(text, FILTER, interrupt_after=4)
        self.assertEqual(done.code, 2, done)
        document = harness.document(self.json)
        self.assertTrue(document["run"]["interrupted"])
        self.assertGreater(document["targets"][0]["summary"]["pass"], 0)

    def test_mistakes(self):
        done = harness.run(["run"], 10)
        self.assertEqual(done.code, 4, done)
        self.assertIn("run needs -c FILE", done.err)
        done = self.run_with("implementation { name = 'x' }")
        self.assertEqual(done.code, 4, done)
        self.assertIn("servers.lua:1: the field 'url' is missing", done.err)
        done = self.run_with(
            "implementation { name = 'x', url = 'ftp://h/' }", FILTER
        )
        self.assertEqual(done.code, 4, done)
        self.assertIn("bad URL 'ftp://h/'", done.err)


if __name__ == "__main__":
    harness.main()
