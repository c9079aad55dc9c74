"""--variant and --chop: how octets travel must not change a verdict."""

import pathlib
import tempfile
import unittest

import harness


def by_pass(path):
    """{(variant, chop): {case: verdict}}"""
    found = {}
    for result in harness.document(path)["results"]:
        key = result["variant"], result["chop"]
        found.setdefault(key, {})[result["case"]] = result["verdict"]
    return found


class Variants(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def assert_one_verdict(self, found, passes):
        self.assertEqual(set(found), set(passes))
        first = found[passes[0]]
        self.assertGreater(len(first), 100)
        for key, verdicts in found.items():
            differ = {c for c in first if first[c] != verdicts.get(c)}
            self.assertEqual(differ, set(), key)
            self.assertEqual(len(first), len(verdicts), key)

    def chops(self, url, codes=(0,)):
        path = self.folder / "run.json"
        chops = "coalesced", "random", "1", "whole"
        done = harness.run(
            ["server", url, "-j", "8", "-q", "-x", "tag:slow", "-x",
             "tag:robustness", "--json", path, "--chop", ",".join(chops)],
            limit=400,
        )  # fmt: skip
        self.assertIn(done.code, codes, done)
        self.assert_one_verdict(by_pass(path), [("tcp", c) for c in chops])
        self.assertEqual(len(harness.document(path)["targets"]), 1)

    def test_chops_of_the_reference(self):
        with harness.echo_server() as url:
            self.chops(url)

    def test_chops_of_npm_ws(self):
        if not harness.installed("npm-ws"):
            self.skipTest("npm-ws is not installed: script/bootstrap peers")
        with harness.peer("npm-ws") as url:
            self.chops(url, codes=(0, 1))

    def test_both_transports(self):
        files = harness.Certificates(self.folder)
        path = self.folder / "run.json"
        with harness.echo_server() as url:
            with harness.echo_server(*files.serves) as secure:
                port = secure.rstrip("/").rpartition(":")[2]
                done = harness.run(
                    ["server", url, "--variant", "tls,tcp", "--tls-port", port,
                     "--cacert", files.ca, "-x", "tag:slow", "--json", path],
                    limit=200,
                )  # fmt: skip
        self.assertEqual(done.code, 0, done)
        found = by_pass(path)
        self.assertEqual(found["tcp", "whole"].pop("tcp.close-notify"), "skip")
        self.assertEqual(found["tls", "whole"].pop("tcp.close-notify"), "pass")
        self.assert_one_verdict(found, [("tcp", "whole"), ("tls", "whole")])
        certificate = harness.document(path)["targets"][0]["tls"]
        self.assertEqual(certificate["subject"], "CN=server")
        self.assertEqual(certificate["issuer"], "CN=ca")
        self.assertEqual(
            certificate["names"], "localhost, name.example, 127.0.0.1"
        )
        self.assertEqual(certificate["verified"], "ok")
        summaries = [
            line for line in done.out.splitlines() if line.startswith("ws")
        ]
        self.assertEqual(
            [line.partition("/: ")[0] for line in summaries],
            [url.rstrip("/"), f"wss://127.0.0.1:{port}"],
        )

    def test_end_without_close_notify(self):
        files = harness.Certificates(self.folder)
        path, page = self.folder / "run.json", self.folder / "index.html"
        fault = "--fault", "close-tls-without-notify"
        with harness.echo_server(*files.serves, *fault) as url:
            done = harness.run(
                ["server", url, "--cacert", files.ca, "--json", path,
                 "--html", page, "tcp.clean-end", "tcp.close-notify"],
                limit=30,
            )  # fmt: skip
        self.assertEqual(done.code, 0, done)
        self.assertIn("FIN without close_notify", done.out)
        self.assertEqual(
            harness.verdicts(path),
            {"tcp.clean-end": "pass", "tcp.close-notify": "warn"},
        )
        events = harness.document(path)["results"][0]["wire"]["events"]
        ends = [e for e in events if e["kind"] == "fin"]
        self.assertEqual([e.get("truncated") for e in ends], [True])
        html = page.read_text(encoding="utf-8")
        self.assertIn("FIN without close_notify", html)
        self.assertIn("subject: CN=server", html)

    def test_a_pass_can_be_repeated(self):
        """What is wrong names the one pass that showed it."""
        with harness.echo_server("--fault", "ping-unanswered") as url:
            done = harness.run(
                ["server", url, "--chop", "whole,random", "--timeout", "0.3",
                 "control.ping-is-answered"],
                limit=60,
            )  # fmt: skip
        self.assertEqual(done.code, 1, done)
        repeats = [
            line.split("wsspec ", 1)[1]
            for line in done.out.splitlines()
            if "repeat with:" in line
        ]
        case = "control.ping-is-answered"
        self.assertEqual(
            repeats,
            [f"server {url} --timeout 0.3 --seed 1 {case}",
             f"server {url} --chop random --timeout 0.3 --seed 1 {case}"],
        )  # fmt: skip

    def test_mistakes(self):
        for args, words in (
            (["ws://h:1/", "--chop", "whole,2"], "'2' is not one of"),
            (["ws://h:1/", "--chop", ""], "'' is not one of"),
            (["ws://h:1/", "--variant", "tcp,"], "'' is not one of"),
            (["ws://h:1/", "--variant", "tls"], "needs --tls-port"),
            (["wss://h:1/", "--variant", "tcp"], "needs the server's ws://"),
            (["ws://h:1/", "--tls-port", "0"], "not a number from 1"),
            (["ws://h:1/", "--tls-port", "1.5"], "not a whole number"),
        ):
            with self.subTest(args=args):
                done = harness.run(["server", *args], limit=10)
                self.assertEqual(done.code, 4, done)
                self.assertIn(words, done.err)


if __name__ == "__main__":
    harness.main()
