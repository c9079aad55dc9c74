#!/usr/bin/python3
"""The table of docs/robustness.md and the tags of the cases agree.

usage: classes.py WSSPEC ROOT

Each class has one row, in order; it names cases that exist, or says why there
is none; a case tagged class:N stands in row N, and a case robustness.* in no row
without its tag; each of those is for some class.
"""

import json
import pathlib
import re
import subprocess
import sys

DOCUMENT = "docs/robustness.md"
NUM_CLASSES = 78
ROW = re.compile(r"\| (\d+) \| (.+) \| (.+) \|")


def check(text, cases):
    """All that is wrong, a line each. `cases`: of wsspec list --json."""
    wrong = []
    rows = [m.groups() for m in map(ROW.fullmatch, text.splitlines()) if m]
    if [int(number) for number, _, _ in rows] != list(range(1, NUM_CLASSES + 1)):
        wrong.append(f"{DOCUMENT}: not the classes 1 to {NUM_CLASSES}, in order")
    named = {number: re.findall(r"`([^`]+)`", cell) for number, _, cell in rows}
    tags = {case["id"]: case["tags"] for case in cases}
    for number, _, cell in rows:
        if not named[number] and len(cell) < 15:
            wrong.append(f"class {number}: neither a case nor a reason")
        for case in named[number]:
            if case not in tags:
                wrong.append(f"class {number}: there is no case {case}")
    for case, its_tags in tags.items():
        classes = [tag[6:] for tag in its_tags if tag.startswith("class:")]
        for number in classes:
            if case not in named.get(number, []):
                wrong.append(f"{case}: tagged class:{number}, and not in its row")
        if case.startswith("robustness."):
            if "robustness" not in its_tags or not classes:
                wrong.append(f"{case}: not tagged robustness, or of no class")
            for number, names in named.items():
                if case in names and number not in classes:
                    wrong.append(f"{case}: in row {number} without its tag")
    return wrong


def main():
    wsspec, root = sys.argv[1:]
    listed = subprocess.run(
        [wsspec, "list", "cases", "*", "--json", "-"],
        check=True, capture_output=True, text=True,
    )
    text = (pathlib.Path(root) / DOCUMENT).read_text(encoding="utf-8")
    wrong = check(text, json.loads(listed.stdout)["cases"])
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
