#!/usr/bin/python3
"""What libws costs, beside others: library.py BUILD [REPETITIONS] [codecs|echo]

Codecs and the receiving side, by Google Benchmark in one process each; echo
servers over TCP and TLS, by one load generator (bench-load). Candidates take
turns in each repetition, so that a busy moment of the machine meets them all.
Prints Markdown: times, ratios, goals. Exit 1 when a goal is missed.

Of the echo servers, medians. Of computations without a system call, the fastest
repetition: what disturbs them can only make them slower.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
MISSED = []
WAITED = []  # shares of the time that a server was ready and had no core
BUSY = []  # shares of the time that the generator ran

# Size, connections, messages under way on each.
PIPELINED = [
    (16, 1, 256),
    (16, 100, 32),
    (1024, 1, 64),
    (1024, 100, 16),
    (1 << 20, 1, 2),
    (1 << 20, 100, 1),
]
ONE_BY_ONE = [(16, 1, 1), (16, 100, 1), (1024, 1, 1), (1024, 100, 1)]
RIVALS = {"libwebsockets": 1.2, "npm ws": 3}


def pinned(core, command):
    """On a core of its own, where there are two."""
    if os.cpu_count() < 2:
        return command
    return ["taskset", "--cpu-list", str(core), *command]


def goal(name, ratio, wanted, at_most=False):
    """A line about a goal; remembers the missed ones."""
    met = ratio <= wanted if at_most else ratio >= wanted
    if not met:
        MISSED.append(name)
    sign = "<=" if at_most else ">="
    verdict = "met" if met else "**missed**"
    print(f"| {name} | {ratio:.2f} | {sign} {wanted:g} | {verdict} |")


def goals_head():
    print("\n| goal | measured | wanted | |")
    print("|---|---:|---:|---|")


def google(program, repetitions):
    """The fewest nanoseconds by name."""
    out = subprocess.run(
        pinned(
            1,
            [
                program,
                "--benchmark_format=json",
                "--benchmark_min_time=0.02",
                "--benchmark_enable_random_interleaving=true",
                f"--benchmark_repetitions={5 * repetitions}",
            ],
        ),
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ).stdout
    times = {}
    for run in json.loads(out)["benchmarks"]:
        if run.get("error_occurred"):
            raise SystemExit(f"{run['name']}: {run['error_message']}")
        if run["run_type"] == "iteration":
            times.setdefault(run["run_name"], []).append(run["cpu_time"])
    return {name: min(values) for name, values in times.items()}


def codecs(build, repetitions):
    times = google(f"{build}/bench/bench-codecs", repetitions)
    kinds = sorted(
        {name.partition("/")[0] for name in times},
        key=lambda kind: (kind != "memcpy", kind),
    )
    lens = sorted({int(name.partition("/")[2]) for name in times})
    print("\n### Masking and UTF-8\n")
    print("| GB/s | " + " | ".join(f"{n} B" for n in lens) + " |")
    print("|---|" + "---:|" * len(lens))
    for kind in kinds:
        cells = (f"{n / times[f'{kind}/{n}']:.2f}" for n in lens)
        print(f"| {kind} | " + " | ".join(cells) + " |")
    copy = times["memcpy/65536"]
    goals_head()
    goal("unmask 64 KiB, memcpy's time", times["mask/65536"] / copy, 1.5, True)
    goal("ASCII, memcpy's time", times["utf8_ascii/65536"] / copy, 2, True)
    mixed = times["utf8_mixed_automaton/65536"] / times["utf8_mixed/65536"]
    goal("mixed scripts, speed of the automaton", mixed, 8)


def receiving(build, repetitions):
    times = google(f"{build}/bench/bench-receive", repetitions)
    kinds = sorted({name.partition("/")[0] for name in times})
    print("\n### Receiving\n")
    print("| microseconds a buffer | libws | wslay | Beast | wslay / libws |")
    print("|---|---:|---:|---:|---:|")
    for kind in kinds:
        ours, wslay, beast = (
            times[f"{kind}/{who}"] / 1000 for who in ("libws", "wslay", "beast")
        )
        print(
            f"| {kind} | {ours:.1f} | {wslay:.1f} | {beast:.1f} "
            f"| {wslay / ours:.2f} |"
        )
    goals_head()
    for kind, wanted in (
        ("text_ascii_64k", 5),
        ("text_mixed_64k", 5),
        ("text_16x1000", 2),
    ):
        ratio = times[f"{kind}/wslay"] / times[f"{kind}/libws"]
        goal(f"{kind}, speed of wslay", ratio, wanted)


class Server:
    """An echo server for the time of a `with`; knows its port."""

    def __init__(self, command):
        self.child = subprocess.Popen(
            pinned(0, command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        line = self.child.stdout.readline()
        digits = line.strip().rstrip("/").rpartition(":")[2].split()
        if not digits or not digits[-1].isdigit():
            raise SystemExit(f"{command[0]}: unexpected {line!r}")
        self.port = digits[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()


def commands(build, cert, key):
    """The servers by name; over TLS when there is a certificate."""
    tls = ["--cert", cert, "--key", key] if cert else []
    listen = ["--listen", "127.0.0.1:0"]
    files = [cert, key] if cert else []
    found = {
        "libws": [f"{build}/examples/echo-server", *listen, "--no-deflate", *tls],
        "libwebsockets": [f"{build}/bench/echo-lws", *files],
    }
    peer = ROOT / "conformance" / "peers" / "npm-ws"
    if (peer / "node_modules" / "ws").is_dir():
        found["npm ws"] = [str(peer / "serve"), "0", *files]
    if not cert:
        found["libws, poll"] = [f"{build}/examples/poll-echo", *listen]
    return found


def load(build, server, case, seconds, tls):
    """(messages a second, nanoseconds of the server's CPU a message)"""
    size, connections, window = map(str, case)
    out = subprocess.run(
        pinned(
            1,
            [
                f"{build}/bench/bench-load",
                server.port,
                size,
                connections,
                window,
                str(seconds),
                str(server.child.pid),
                *(["tls"] if tls else []),
            ],
        ),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
    ).stdout
    rate, cpu, waited, busy = map(float, out.split())
    WAITED.append(waited)
    BUSY.append(busy)
    return rate, cpu


def measure(build, case, servers, repetitions, tls):
    """By server: the medians of both numbers."""
    runs = {name: [] for name in servers}
    for _ in range(repetitions):
        for name, command in servers.items():
            # A server a repetition: none is measured with the memory, or the
            # compiled code, that another size has left behind.
            with Server(command) as server:
                runs[name].append(load(build, server, case, 1, tls))
    return {
        name: tuple(map(statistics.median, zip(*values)))
        for name, values in runs.items()
    }


def size_name(size):
    return "1 MiB" if size == 1 << 20 else "1 KiB" if size == 1024 else "16 B"


def echo_table(title, build, cases, servers, repetitions, tls):
    """Prints one table; returns the measurements by case."""
    print(f"\n### {title}\n")
    print("Messages a second (microseconds of the server's CPU a message).\n")
    print("| message, connections x window | " + " | ".join(servers) + " |")
    print("|---|" + "---:|" * len(servers), flush=True)
    results = {}
    for case in cases:
        result = measure(build, case, servers, repetitions, tls)
        results[case] = result
        cells = (f"{rate:,.0f} ({cpu / 1000:.1f})" for rate, cpu in result.values())
        name = f"{size_name(case[0])}, {case[1]} x {case[2]}"
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    return results


def echo(build, repetitions):
    with tempfile.TemporaryDirectory() as folder:
        cert, key = f"{folder}/cert.pem", f"{folder}/key.pem"
        subprocess.run(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
            "-nodes -days 2 -subj /CN=localhost".split()
            + ["-out", cert, "-keyout", key],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        plain = commands(build, None, None)
        secure = commands(build, cert, key)
        tables = {
            "TCP": echo_table(
                "Echo over TCP", build, PIPELINED, plain, repetitions, False
            ),
            "TLS": echo_table(
                "Echo over TLS", build, PIPELINED, secure, repetitions, True
            ),
        }
        echo_table(
            "Echo over TCP, one message at a time",
            build,
            ONE_BY_ONE,
            plain,
            repetitions,
            False,
        )
    quiet()
    print("\nMessages a second, and messages a second of the server's CPU.\n")
    print("| goal | a second | of CPU | wanted | |")
    print("|---|---:|---:|---:|---|")
    for transport, results in tables.items():
        for case, result in results.items():
            name = f"{transport}, {size_name(case[0])}, {case[1]}"
            for rival in (name for name in RIVALS if name in result):
                echo_goal(f"{name}: {rival}", result, rival)


def quiet():
    """Says whether messages a second mean anything: not where servers had to
    wait for a core, nor where the generator had no time left."""
    waited, busy = statistics.median(WAITED), statistics.median(BUSY)
    print(
        f"\nServers were ready and waited for a core {waited:.0%} of the time "
        f"(median; at most {max(WAITED):.0%}); the generator ran {busy:.0%} "
        f"(at most {max(BUSY):.0%})."
    )
    if waited > 0.05:
        print("**The machine was not quiet**: trust the processor time.")


def echo_goal(name, result, rival):
    """The goal is about messages a second; what a server spends on each is
    beside it, for a machine that was not quiet."""
    wanted = RIVALS[rival]
    rate, cpu = result["libws"]
    rival_rate, rival_cpu = result[rival]
    met = rate / rival_rate >= wanted
    if not met:
        MISSED.append(name)
    verdict = "met" if met else "**missed**"
    if not met and rival_cpu / cpu >= wanted:
        verdict += "; met by CPU"
    print(
        f"| {name} | {rate / rival_rate:.2f} | {rival_cpu / cpu:.2f} "
        f"| >= {wanted:g} | {verdict} |"
    )


def main(build, repetitions=5, part=None):
    print(f"{os.cpu_count()} cores, {repetitions} repetitions")
    if part != "echo":
        codecs(build, repetitions)
        receiving(build, repetitions)
    if part != "codecs":
        echo(build, repetitions)
    for name in MISSED:
        print(f"missed: {name}", file=sys.stderr)
    return 1 if MISSED else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3, 4):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:3]), *sys.argv[3:]))
