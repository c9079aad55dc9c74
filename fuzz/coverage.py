#!/usr/bin/env python3
"""llvm-cov export -summary-only ... | fuzz/coverage.py

Prints what was reached of each file, and compares with fuzz/coverage.txt: a line
"FILE LINES BRANCHES" a file, the numbers of those that may be missed. Exit 1 when
more are. WSSPEC_UPDATE=yes writes the file.
"""

import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
KNOWN = ROOT / "fuzz" / "coverage.txt"
PARTS = ["lines", "branches", "mcdc"]


def read(stream):
    """FILE -> part -> (covered, count), files without code left out."""
    (data,) = json.load(stream)["data"]
    found = {}
    for item in data["files"]:
        name = str(pathlib.Path(item["filename"]).relative_to(ROOT))
        summary = item["summary"]
        counts = {p: (summary[p]["covered"], summary[p]["count"]) for p in PARTS}
        if counts["lines"][1] != 0:
            found[name] = counts
    return found


def percent(covered, count):
    return f"{100 * covered / count:.1f} %" if count else "-"


def show(found):
    total = {p: [sum(f[p][i] for f in found.values()) for i in (0, 1)] for p in PARTS}
    print("| file | lines | branches | MC/DC |\n|---|---:|---:|---:|")
    for name, counts in [*sorted(found.items()), ("all", total)]:
        print(f"| {name} | " + " | ".join(percent(*counts[p]) for p in PARTS) + " |")


def missed(counts, part):
    covered, count = counts[part]
    return count - covered


def known():
    rows = {}
    for line in KNOWN.read_text().splitlines():
        if line and not line.startswith("#"):
            name, lines, branches = line.split()
            rows[name] = {"lines": int(lines), "branches": int(branches)}
    return rows


def write(found):
    head = [line for line in KNOWN.read_text().splitlines() if line.startswith("#")]
    rows = [
        f"{name} {missed(counts, 'lines')} {missed(counts, 'branches')}"
        for name, counts in sorted(found.items())
    ]
    KNOWN.write_text("\n".join(head + rows) + "\n")


def compare(found):
    bad = 0
    allowed = known()
    for name, counts in sorted(found.items()):
        for part, most in allowed.get(name, {"lines": 0, "branches": 0}).items():
            more = missed(counts, part)
            if more > most:
                print(f"{name}: {more} {part} are missed, {most} were", file=sys.stderr)
                bad += 1
    return bad


def main():
    found = read(sys.stdin)
    show(found)
    if os.environ.get("WSSPEC_UPDATE") == "yes":
        write(found)
    return 1 if compare(found) else 0


if __name__ == "__main__":
    sys.exit(main())
