#!/usr/bin/python3
"""What the runner costs: measure.py WSSPEC [REPETITIONS]

(a) wall time of the default suite against the reference echo server,
(b) the runner's CPU time against that of npm's ws serving it,
(c) CPU-bound time of the simulated suite, without the kill matrix.

Medians of some repetitions, beside the goals. Exit 1 when a goal is missed.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
TICK = os.sysconf("SC_CLK_TCK")


def server_cpu(pid):
    """User and system seconds of a live process and its ended children."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        # What follows the parenthesised name, which may hold anything.
        fields = file.read().rpartition(")")[2].split()
    utime, stime, cutime, cstime = map(int, fields[11:15])
    return (utime + stime + cutime + cstime) / TICK


def run(command):
    """(wall, cpu) in seconds of a command; it must not end in an error."""
    began = time.monotonic()
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        raise SystemExit(f"exit {child.returncode}: {' '.join(command)}")
    return wall, usage.ru_utime + usage.ru_stime


class Server:
    """A server for the time of a `with`; knows its URL."""

    def __init__(self, command, prefix, url):
        self.child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        line = self.child.stdout.readline().strip()
        if not line.startswith(prefix):
            raise SystemExit(f"{command[0]}: unexpected {line!r}")
        self.url = url.format(line.removeprefix(prefix))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait()


def suite(wsspec, url, folder):
    """The default suite with everything that it writes, or without a folder
    nothing but the run."""
    outputs = ["--json", f"{folder}/run.json", "--html", f"{folder}/run.html"]
    return run([wsspec, "server", url, *(outputs if folder else [])])


def reference(wsspec, repetitions, folder):
    command = [wsspec, "echo", "--listen", "127.0.0.1:0"]
    with Server(command, "listening on ", "{}") as server:
        walls = [
            suite(wsspec, server.url, folder)[0] for _ in range(repetitions)
        ]
    return statistics.median(walls)


def against_ws(wsspec, repetitions, folder):
    peer = ROOT / "conformance" / "peers" / "npm-ws"
    if not (peer / "node_modules").is_dir():
        return None
    runner, writing, server_side = [], [], []
    for _ in range(repetitions):
        # A server a repetition, but not counted: its start.
        command = [str(peer / "serve"), "0"]
        with Server(command, "ready ", "ws://127.0.0.1:{}/") as server:
            before = server_cpu(server.child.pid)
            runner.append(suite(wsspec, server.url, None)[1])
            server_side.append(server_cpu(server.child.pid) - before)
            writing.append(suite(wsspec, server.url, folder)[1])
    return tuple(map(statistics.median, (runner, writing, server_side)))


def simulated(wsspec, repetitions):
    command = [wsspec, "selftest", "--no-kill"]
    return statistics.median(run(command)[0] for _ in range(repetitions))


def report(name, measured, goal, unit):
    met = measured < goal
    print(
        f"{name:<52} {measured:8.2f} {unit:<3} goal < {goal:.2f} {unit:<3} "
        f"{'met' if met else 'MISSED'}"
    )
    return met


def main(wsspec, repetitions=5):
    print(f"{os.cpu_count()} cores, medians of {repetitions}")
    with tempfile.TemporaryDirectory() as folder:
        met = [
            report(
                "default suite, reference server, wall",
                reference(wsspec, repetitions, folder),
                3,
                "s",
            )
        ]
        shares = against_ws(wsspec, repetitions, folder)
    if shares is None:
        print("against npm ws: not installed (script/bootstrap peers)")
    else:
        runner, writing, server_side = shares
        print(
            f"  npm ws {server_side:.2f} s; runner {runner:.2f} s, "
            f"{writing:.2f} s with the reports"
        )
        share = 100 * runner / server_side
        met.append(report("runner's CPU beside npm ws's", share, 50, "%"))
    met.append(
        report(
            "simulated suite, no kill matrix, wall",
            simulated(wsspec, repetitions),
            2,
            "s",
        )
    )
    return 0 if all(met) else 1


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
