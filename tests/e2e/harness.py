"""What the end-to-end tests share: running wsspec under limits, and peers.

Standard library only. The tests find the binary in $WSSPEC and the source tree
beside themselves.
"""

import contextlib
import json
import os
import pathlib
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3"  # Debian's: the one its python3-* packages serve
MEMORY_LIMIT = 256 * 2**20

# ctest shows a test that exits so as skipped (SKIP_RETURN_CODE).
SKIPPED = 77


def wsspec():
    path = os.environ.get("WSSPEC")
    if not path:
        raise SystemExit("WSSPEC must name the wsspec binary")
    return path


class Finished:
    """How a run of wsspec ended."""

    def __init__(self, code, out, err, seconds, peak):
        self.code = code
        self.out = out
        self.err = err
        self.seconds = seconds
        self.peak = peak  # peak resident set, bytes

    def __str__(self):
        return (
            f"exit {self.code} after {self.seconds:.2f} s, "
            f"{self.peak / 2**20:.0f} MiB\n"
            f"--- stdout\n{self.out[-4000:]}\n--- stderr\n{self.err[-4000:]}"
        )


def run(args, limit, interrupt_after=None):
    """Runs wsspec with `args`; fails when it takes over `limit` seconds."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        child = subprocess.Popen(
            [wsspec(), *map(str, args)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
        # wait4 and not RUSAGE_CHILDREN: the peers are children too.
        usage = None
        status = None
        interrupted = False
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            passed = time.monotonic() - began
            if interrupt_after is not None and not interrupted:
                if passed >= interrupt_after:
                    interrupted = True
                    child.send_signal(signal.SIGINT)
            if passed > limit:
                child.kill()
                os.wait4(child.pid, 0)
                child.returncode = -signal.SIGKILL
                out.seek(0), err.seek(0)
                raise AssertionError(
                    f"{' '.join(map(str, args))}: not done in {limit} s\n"
                    + out.read().decode(errors="replace")[-4000:]
                    + err.read().decode(errors="replace")[-4000:]
                )
            time.sleep(0.005)
        seconds = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        return Finished(
            child.returncode,
            out.read().decode(errors="replace"),
            err.read().decode(errors="replace"),
            seconds,
            usage.ru_maxrss * 1024,
        )


def read_line(stream, seconds):
    """One line of a pipe, or a failure after `seconds`."""
    line = b""
    deadline = time.monotonic() + seconds
    while not line.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([stream], [], [], left)[0]:
            raise AssertionError(f"no line within {seconds} s, only {line!r}")
        byte = os.read(stream.fileno(), 1)
        if not byte:
            raise AssertionError(f"ended after {line!r}")
        line += byte
    return line.decode().rstrip("\n")


@contextlib.contextmanager
def serving(args, prefix):
    """Runs a server; gives what follows `prefix` in its first line."""
    with tempfile.TemporaryFile() as err:
        child = subprocess.Popen(
            [str(a) for a in args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=err,
            # A bug that makes a server grow must not take the machine down.
            preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_CORE, (0, 0)
            ),
        )
        try:
            try:
                line = read_line(child.stdout, 20)
            except AssertionError as error:
                err.seek(0)
                raise AssertionError(
                    f"{args[0]}: {error}\n{err.read().decode()}"
                ) from None
            if not line.startswith(prefix):
                raise AssertionError(f"{args[0]}: unexpected {line!r}")
            yield child, line[len(prefix) :]
        finally:
            child.terminate()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            child.stdout.close()


@contextlib.contextmanager
def echo_server(*args):
    """The reference echo server; gives its URL."""
    command = [wsspec(), "echo", "--listen", "127.0.0.1:0", *args]
    with serving(command, "listening on ") as (_, url):
        yield url


PEERS = ROOT / "conformance" / "peers"
BUILT = ROOT / "build" / "peers"  # by script/bootstrap


def exists(pattern):
    return any(BUILT.glob(pattern))


def installed(name):
    """True when what a peer of conformance/peers needs is there."""
    kind, _, what = name.partition("-")
    if kind == "py":
        command = [PYTHON, "-c", f"import {what}"]
        return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0
    if kind == "npm":
        modules = PEERS / name / "node_modules"
        return modules.is_dir() and shutil.which("node") is not None
    if kind == "proxy":
        unpacked = exists(f"debian/usr/sbin/{what}") or shutil.which(what)
        return bool(unpacked) and installed("npm-ws")
    # The compiled ones.
    return exists(f"{name}/*")


@contextlib.contextmanager
def peer(name, *files):
    """A peer of conformance/peers; gives its URL: wss with CERT and KEY."""
    path = PEERS / name / "serve"
    with serving([path, "0", *files], "ready ") as (_, port):
        yield f"{'wss' if files else 'ws'}://127.0.0.1:{port}/"


@contextlib.contextmanager
def busy(loops):
    """So many processes beside us that compute and do nothing else."""
    command = [PYTHON, "-c", "while True: pass"]
    children = [subprocess.Popen(command) for _ in range(loops)]
    try:
        yield
    finally:
        for child in children:
            child.kill()
            child.wait()


def openssl(*args):
    subprocess.run(
        ["openssl", *map(str, args)], check=True, capture_output=True, timeout=20
    )


class Certificates:
    """Files in PEM: what a CA of the test's own has signed, and a stranger."""

    NAMES = "subjectAltName=DNS:localhost,DNS:name.example,IP:127.0.0.1"

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ca, ca_key = self.make("ca", "-addext", self.NAMES)
        signed = ("-CA", self.ca, "-CAkey", ca_key, "-addext", self.NAMES)
        self.cert, self.key = self.make("server", *signed)
        self.client, self.client_key = self.make("client", *signed)
        self.stranger, self.stranger_key = self.make("stranger", *signed[4:])
        self.locked = self.folder / "locked.key"
        openssl("ec", "-in", self.key, "-aes128", "-passout", "pass:secret",
                "-out", self.locked)  # fmt: skip

    def make(self, name, *args):
        cert, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", f"/CN={name}", "-out", cert, "-keyout", key,
                *args)  # fmt: skip
        return cert, key

    @property
    def serves(self):
        return ("--tls-cert", self.cert, "--tls-key", self.key)


@contextlib.contextmanager
def bad_peer(*args):
    """A peer of bad_peers.py; gives its URL."""
    path = pathlib.Path(__file__).with_name("bad_peers.py")
    with serving([PYTHON, path, *args], "ready ") as (_, port):
        yield f"ws://127.0.0.1:{port}/"


def document(path):
    """The run document at `path`."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def verdicts(path):
    """{case: verdict} of a run document with one target."""
    found = {}
    for result in document(path)["results"]:
        assert result["case"] not in found, f"{result['case']}: twice"
        found[result["case"]] = result["verdict"]
    return found


def main(names=None):
    """unittest.main that lets ctest see when everything was skipped."""
    arguments = [sys.argv[0], *(sys.argv[1:] if names is None else names)]
    result = unittest.main("__main__", argv=arguments, exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    if result.testsRun == 0:
        sys.exit("no test ran")
    sys.exit(SKIPPED if len(result.skipped) == result.testsRun else 0)
