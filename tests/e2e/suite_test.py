#!/usr/bin/python3
"""The suite as a whole: suite_test.py TEST...

What must hold of a run against the reference server, of the document that it
writes, and of two runs that should be the same.
"""

import contextlib
import json
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

import harness


# What idle-cases.txt held when it was last shortened. Lower it, never raise it.
IDLE_CASES = 0


class Suite(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def server(self, url, *args, name="run.json", limit=120):
        path = self.folder / name
        return (
            harness.run(["server", url, "--json", path, *args], limit=limit),
            path,
        )

    def test_reference_passes(self):
        """The default suite, as a newcomer runs it."""
        html = self.folder / "index.html"
        with harness.echo_server() as url:
            done, path = self.server(url, "--html", html)
        self.assertEqual(done.code, 0, done)
        found = harness.verdicts(path)
        self.assertGreater(len(found), 100)
        bad = {c: v for c, v in found.items() if v in ("fail", "warn", "error")}
        self.assertEqual(bad, {})
        # The document is the result; the page and the summary agree with it.
        summary = harness.document(path)["targets"][0]["summary"]
        self.assertEqual(sum(summary.values()), len(found))
        for verdict, count in summary.items():
            self.assertEqual(count, list(found.values()).count(verdict), verdict)
        page = html.read_text(encoding="utf-8")
        for case in found:
            self.assertIn(case, page)
        self.assertLess(done.peak, harness.MEMORY_LIMIT, done)

    def test_reference_passes_one_by_one(self):
        with harness.echo_server() as url:
            done, one = self.server(url, "-j", "1", name="one.json")
            self.assertEqual(done.code, 0, done)
            done, many = self.server(url, "-j", "64", name="many.json")
            self.assertEqual(done.code, 0, done)
        self.assertEqual(harness.verdicts(one), harness.verdicts(many))

    def test_document_keeps_the_schema(self):
        import jsonschema

        schema = harness.document(harness.ROOT / "docs" / "run.schema.json")
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        with harness.echo_server() as url:
            _, good = self.server(url, name="good.json")
        with harness.bad_peer("careless") as url:
            _, bad = self.server(url, "--timeout", "1", name="bad.json")
        with harness.bad_peer("absent") as url:
            _, none = self.server(url, name="none.json")
        for path in (good, bad, none):
            with self.subTest(document=path.name):
                validator.validate(harness.document(path))
        # A schema that forbids nothing proves nothing.
        broken = harness.document(good)
        broken["results"][0]["verdict"] = "maybe"
        self.assertFalse(validator.is_valid(broken))

    def test_seed_repeats_the_run(self):
        texts = []
        for name in ("a.json", "b.json"):
            path = self.folder / name
            done = harness.run(
                ["selftest", "--no-kill", "--seed", "7", "--json", path],
                limit=60,
            )
            self.assertEqual(done.code, 0, done)
            texts.append(without_times(path))
        self.assertEqual(texts[0], texts[1])

    def test_selftest(self):
        """Every fault is killed, and what conforms passes."""
        done = harness.run(["selftest"], limit=600)
        self.assertEqual(done.code, 0, done)

    def test_over_tcp(self):
        """On loopback too, and a fault of every area is killed there."""
        path = self.folder / "run.json"
        done = harness.run(["selftest", "--tcp", "--json", path], limit=600)
        self.assertEqual(done.code, 0, done)
        simulated, over_tcp = done.out.split("over TCP:\n")
        lines = over_tcp.splitlines()
        conforming, killed = lines[:2], lines[2:-1]
        for line in conforming:
            self.assertIn(" 0 fail, 0 warn, 0 error,", line)
        listed = harness.run(["list"], limit=5).out.splitlines()
        areas = {line.split(".")[0] for line in listed} | {"robustness"}
        self.assertEqual({line.split()[2].split(".")[0] for line in killed}, areas)
        self.assertEqual(len(killed), len(areas))
        for line in killed:
            self.assertIn(line.split()[0], simulated)
        names = [target["id"] for target in harness.document(path)["targets"]]
        self.assertEqual(
            names,
            ["libws", "fault-free", "libws over TCP", "fault-free over TCP"],
        )

    def test_idle_list_only_shrinks(self):
        """A new case brings the fault that it kills; it does not go there."""
        path = harness.ROOT / "conformance" / "faults" / "idle-cases.txt"
        idle = path.read_text().split()
        self.assertEqual(idle, sorted(set(idle)))
        self.assertLessEqual(len(idle), IDLE_CASES, idle)

    def test_filters(self):
        with harness.echo_server() as url:
            done, path = self.server(url, "control.*", "-x", "*ping*")
            self.assertEqual(done.code, 0, done)
            found = harness.verdicts(path)
            self.assertTrue(found)
            for case in found:
                self.assertTrue(case.startswith("control."), case)
                self.assertNotIn("ping", case)

    def test_a_failed_case_can_be_repeated(self):
        """The command that the report gives does run that case alone."""
        with harness.bad_peer("careless") as url:
            done, path = self.server(url, "--timeout", "1")
            self.assertEqual(done.code, 1, done)
            failed = [c for c, v in harness.verdicts(path).items() if v == "fail"]
            case = failed[0]
            commands = [
                line.strip()
                for line in (done.out + done.err).splitlines()
                if "wsspec server" in line and case in line
            ]
            self.assertTrue(commands, f"no command repeats {case}\n{done}")
            again, alone = self.server(url, case, "--timeout", "1")
            self.assertEqual(harness.verdicts(alone), {case: "fail"}, again)
            shown = harness.run(["show", path, case], limit=5)
        self.assertEqual(shown.code, 0, shown)
        self.assertIn(case, shown.out)

    def test_known_deviations(self):
        expect = self.folder / "expect.json"
        with harness.bad_peer("careless") as url:
            args = [url, "--timeout", "1", "errors.*"]
            done, path = self.server(*args)
            self.assertEqual(done.code, 1, done)
            found = harness.verdicts(path)
            bad = {c: v for c, v in found.items() if v in ("fail", "error")}
            self.assertTrue(bad)
            known = [
                {"case": case, "verdict": verdict, "why": "it checks nothing"}
                for case, verdict in bad.items()
            ]

            def code(entries):
                expect.write_text(json.dumps(entries))
                return self.server(*args, "--expect", expect)[0].code

            self.assertEqual(code(known), 0, "all is as expected")
            self.assertEqual(code(known[1:]), 1, "one is new")
            past = [{**known[0], "till": "2001-01-01"}, *known[1:]]
            self.assertEqual(code(past), 1, "one has expired")
            self.assertEqual(code(known), 0, "all is as expected again")
        with harness.echo_server() as url:
            args[0] = url
            self.assertEqual(code(known), 1, "an unexpected pass counts")
            self.assertEqual(code([]), 0)

    def test_list_and_explain(self):
        listed = harness.run(["list", "cases"], limit=5)
        self.assertEqual(listed.code, 0, listed)
        self.assertGreater(len(listed.out.splitlines()), 100)
        explained = harness.run(["explain", "6455-5.5.3-02"], limit=5)
        self.assertEqual(explained.code, 0, explained)
        self.assertIn("6455-5.5.3-02", explained.out)
        uncovered = harness.run(["list", "reqs", "8441-3-01"], limit=5)
        self.assertIn("no case: needs HTTP/2", uncovered.out)
        for kind, name in (
            ("cases", "cases"),
            ("reqs", "requirements"),
            ("faults", "faults"),
        ):
            path = self.folder / "list.json"
            done = harness.run(["list", kind, "--json", path], limit=5)
            self.assertEqual((done.code, done.out), (0, ""), done)
            document = harness.document(path)
            self.assertEqual(document["schema"], "wsspec-list/1")
            plain = harness.run(["list", kind], limit=5).out.splitlines()
            first = [line.split()[0] for line in plain if line[0] != " "]
            self.assertEqual([item["id"] for item in document[name]], first)
        unknown = harness.run(["explain", "no-such-thing"], limit=5)
        self.assertIn(unknown.code, (4, 5), unknown)


def without_times(path):
    """The document less what may differ between two runs (design of the run
    document: times live only under `timing` and in the wire log)."""

    def strip(value):
        if isinstance(value, dict):
            return {
                k: strip(v)
                for k, v in value.items()
                if k not in ("timing", "time")
            }
        if isinstance(value, list):
            return [strip(v) for v in value]
        return value

    return json.dumps(strip(harness.document(path)), sort_keys=True)


class Peer(unittest.TestCase):
    """Foreign servers: verdicts do not depend on how many run at once, nor on
    what else the machine does."""

    LOADS = ((1, 0), (64, 0), (64, 4))  # cases at once, busy loops beside them

    def compare(self, name):
        if not harness.installed(name):
            self.skipTest(f"{name} is not installed: script/bootstrap peers")
        found = []
        known = harness.ROOT / "conformance" / "peers" / name / "known.json"
        with tempfile.TemporaryDirectory() as folder:
            with harness.peer(name) as url:
                for jobs, loops in self.LOADS:
                    path = pathlib.Path(folder, "run.json")
                    with harness.busy(loops):
                        done = harness.run(
                            ["server", url, "-j", jobs, "--json", path,
                             "--fail-on", "warn", "--expect", known], limit=300
                        )  # fmt: skip
                    # What deviates is in docs/findings.md, and nothing else.
                    self.assertEqual(done.code, 0, done)
                    self.assertLess(done.peak, harness.MEMORY_LIMIT, done)
                    found.append(harness.verdicts(path))
        self.assertEqual(found[0], found[1])
        self.assertEqual(found[0], found[2])
        self.assertNotIn("error", found[0].values())

    def test_npm_ws(self):
        self.compare("npm-ws")

    def test_py_websockets(self):
        self.compare("py-websockets")

    def test_py_aiohttp(self):
        self.compare("py-aiohttp")

    def test_py_tornado(self):
        self.compare("py-tornado")

    def test_npm_websocket(self):
        self.compare("npm-websocket")

    def test_c_libwebsockets(self):
        self.compare("c-libwebsockets")

    def test_c_wslay(self):
        self.compare("c-wslay")

    def test_cpp_beast(self):
        self.compare("cpp-beast")

    def test_proxy_nginx(self):
        self.compare("proxy-nginx")

    def test_proxy_haproxy(self):
        self.compare("proxy-haproxy")

    def test_java_tomcat(self):
        self.compare("java-tomcat")

    def test_erl_cowboy(self):
        self.compare("erl-cowboy")


class TextOnly(unittest.TestCase):
    def test_text_only(self):
        """Whoever refuses binary messages as 7.4.1 permits is not blamed."""
        if not harness.installed("py-websockets"):
            self.skipTest("websockets is not installed: script/bootstrap peers")
        command = [harness.PYTHON, pathlib.Path(__file__).parent / "text_only_peer.py"]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "run.json")
            with harness.serving(command, "ready ") as (_, port):
                url = f"ws://127.0.0.1:{port}/"
                # What that library answers to requests, and how it inflates, is
                # another matter.
                done = harness.run(
                    ["server", url, "-x", "handshake.*", "--json", path],
                    limit=300,
                )
            results = harness.document(path)["results"]
        self.assertEqual(done.code, 0, done)
        found = {r["case"]: r["verdict"] for r in results}
        reasons = {r["case"]: r.get("reason") for r in results}
        self.assertEqual(found["utf8.fragmented"], "pass")
        self.assertEqual(found["messages.every-octet"], "skip")
        self.assertIn("no binary messages", reasons["messages.every-octet"])
        self.assertEqual(reasons["messages.binary-refused"], "Close 1003")


class OverTls(unittest.TestCase):
    """TLS carries the same octets: it must not change a verdict."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.files = harness.Certificates(self.folder)

    def measure(self, url, *args):
        path = self.folder / "run.json"
        # Few at once: two slow servers are compared, not two busy machines.
        done = harness.run(
            ["server", url, "-j", "8", "--json", path, *args], limit=300
        )
        self.assertIn(done.code, (0, 1), done)
        document = harness.document(path)
        self.assertEqual(document["targets"][0]["url"], url)
        variant = "tls" if url.startswith("wss://") else "tcp"
        variants = {r["variant"] for r in document["results"]}
        self.assertEqual(variants, {variant})
        return harness.verdicts(path)

    def compare(self, name):
        if not harness.installed(name):
            self.skipTest(f"{name} is not installed: script/bootstrap peers")
        with harness.peer(name) as url:
            plain = self.measure(url)
        with harness.peer(name, self.files.cert, self.files.key) as url:
            secure = self.measure(url, "--cacert", self.files.ca)
        differ = {
            case: (verdict, secure.get(case))
            for case, verdict in plain.items()
            if verdict != secure.get(case)
        }
        # It is about TLS.
        self.assertEqual(differ.pop("tcp.close-notify", ("skip",))[0], "skip")
        self.assertEqual(differ, {})
        self.assertEqual(plain.keys(), secure.keys())

    def test_npm_ws(self):
        self.compare("npm-ws")

    def test_py_websockets(self):
        self.compare("py-websockets")

    def test_py_aiohttp(self):
        self.compare("py-aiohttp")

    def test_py_tornado(self):
        self.compare("py-tornado")

    def test_npm_websocket(self):
        self.compare("npm-websocket")

    def test_c_libwebsockets(self):
        self.compare("c-libwebsockets")

    def test_c_wslay(self):
        self.compare("c-wslay")

    def test_cpp_beast(self):
        self.compare("cpp-beast")

    def test_proxy_nginx(self):
        self.compare("proxy-nginx")

    def test_proxy_haproxy(self):
        self.compare("proxy-haproxy")

    def test_java_tomcat(self):
        self.compare("java-tomcat")

    def test_erl_cowboy(self):
        self.compare("erl-cowboy")

    def test_reference(self):
        import jsonschema

        with harness.echo_server() as url:
            plain = self.measure(url)
        with harness.echo_server(*self.files.serves) as url:
            secure = self.measure(url, "--cacert", self.files.ca)
        self.assertEqual(plain.pop("tcp.close-notify"), "skip")
        self.assertEqual(secure.pop("tcp.close-notify"), "pass")
        self.assertEqual(plain, secure)
        schema = harness.document(harness.ROOT / "docs" / "run.schema.json")
        jsonschema.Draft202012Validator(schema).validate(
            harness.document(self.folder / "run.json")
        )

    def test_insecure(self):
        stranger = ("--tls-cert", self.files.stranger,
                    "--tls-key", self.files.stranger_key)  # fmt: skip
        with harness.echo_server(*stranger) as url:
            found = self.measure(url, "--insecure", "closing.*")
        self.assertNotIn("fail", found.values())

    def seen_by_server(self, url, *args):
        """What a server of ours learns of the runner in the TLS handshake."""
        seen = {"names": set(), "subjects": set(), "protocols": set()}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.files.cert, self.files.key)
        context.load_verify_locations(self.files.ca)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.set_alpn_protocols(["h2", "http/1.1"])
        context.sni_callback = lambda sock, name, ctx: seen["names"].add(name)
        listening = socket.create_server(("127.0.0.1", 0))

        def serve():
            # Until the listener is closed; the first line tells enough.
            with contextlib.suppress(OSError):
                while True:
                    sock, _ = listening.accept()
                    with context.wrap_socket(sock, server_side=True) as tls:
                        seen["head"] = tls.recv(4096)
                        seen["protocols"].add(tls.selected_alpn_protocol())
                        subject = (tls.getpeercert() or {}).get("subject")
                        seen["subjects"].add(subject)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = listening.getsockname()[1]
        url = url.replace("PORT", str(port))
        args = [str(a).replace("PORT", str(port)) for a in args]
        done = harness.run(
            ["server", url, "--cacert", self.files.ca, *args], limit=20
        )
        self.assertEqual(done.code, 6, done)
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(10)
        self.assertEqual(seen["protocols"], {"http/1.1"}, done)
        return seen

    def test_client_certificate(self):
        files = ("--cert", self.files.client, "--key", self.files.client_key)
        seen = self.seen_by_server("wss://127.0.0.1:PORT/", *files)
        self.assertEqual(seen["subjects"], {((("commonName", "client"),),)})
        self.assertEqual(seen["names"], {None})
        seen = self.seen_by_server("wss://localhost:PORT/")
        self.assertEqual(seen["subjects"], {None})
        self.assertEqual(seen["names"], {"localhost"})

    def test_name_is_kept(self):
        """--connect changes who is dialled, not who is meant."""
        seen = self.seen_by_server(
            "wss://name.example/", "--connect", "127.0.0.1:PORT"
        )
        self.assertEqual(seen["names"], {"name.example"})
        self.assertIn(b"\r\nHost: name.example\r\n", seen["head"])


if __name__ == "__main__":
    harness.main()
