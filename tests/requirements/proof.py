#!/usr/bin/python3
"""Which unit test shows a requirement that no peer can see from outside.

usage: proof.py [--write] [--compiled compile_commands.json] ROOT

The column `tests` of conformance/requirements/requirements.csv holds, for every
row that is `lib-only`, "FILE:FUNCTION" of one or more cmocka tests, separated by
spaces, or "none: " and the reason why there is none. In the source, the comment
directly above the function names the row:

    /* WHATWG-close-01, WHATWG-close-02 */
    static void codes_that_may_not_be_sent(void **state) {

The check holds that either says what the other says, that the test is
registered with cmocka, and that its file is compiled. --write makes the column
say what the comments do, and keeps the reasons where there is no test.
"""

import csv
import json
import pathlib
import re
import sys

TABLE = "conformance/requirements/requirements.csv"
FOLDERS = ("tests/lib",)
ID = re.compile(r"\b(?:\d{4}|WHATWG)-[\w.]+-\d{2}\b")
FUNCTION = re.compile(r"^static void (\w+)\(void \*\*\w+\) \{", re.M)
# The entries of the arrays that are given to cmocka, by its macros or by ones
# that stand for them.
REGISTRY = re.compile(r"struct CMUnitTest \w+\[\] = \{(.*?)\};", re.S)
REGISTERED = re.compile(r"\w\(\s*(\w+)")
REASON = re.compile(r"none: \S.{19,}")


def comment_above(text, position):
    """The comment that ends on the line before `position`, or ""."""
    before = text[:position]
    if not before.endswith("*/\n"):
        return ""
    return before[before.rindex("/*") :]


class Tests:
    """What the sources of the tests say."""

    def __init__(self, root):
        self.rows = {}  # "file:function" -> ids in its comment
        self.registered = set()
        for folder in FOLDERS:
            for path in sorted(root.glob(folder + "/*_test.c")):
                self.read(path.relative_to(root).as_posix(), path.read_text())

    def read(self, file, text):
        for found in FUNCTION.finditer(text):
            ids = ID.findall(comment_above(text, found.start()))
            self.rows[f"{file}:{found[1]}"] = list(dict.fromkeys(ids))
        for registry in REGISTRY.findall(text):
            for name in REGISTERED.findall(registry):
                self.registered.add(f"{file}:{name}")

    def naming(self, row_id):
        return [name for name, ids in self.rows.items() if row_id in ids]


def check_entry(row, entry, tests, compiled):
    """What is wrong with one "FILE:FUNCTION" of a row."""
    if entry not in tests.rows:
        return f"there is no test {entry}"
    if entry not in tests.registered:
        return f"{entry} is not registered with cmocka"
    if row["id"] not in tests.rows[entry]:
        return f"the comment above {entry} does not name the row"
    if compiled is not None and entry.split(":")[0] not in compiled:
        return f"{entry}: the file is not compiled"
    return None


def check_row(row, tests, compiled):
    column = row["tests"]
    if row["testable"] != "lib-only":
        return ["is not lib-only: peers show it, not a test"] if column else []
    if not column:
        return ["has neither a test nor a reason"]
    if column.startswith("none:"):
        naming = tests.naming(row["id"])
        if naming:
            return [f"has a reason, and yet a test: {' '.join(naming)}"]
        return [] if REASON.fullmatch(column) else ["has no reason to speak of"]
    entries = column.split(" ")
    wrong = [check_entry(row, entry, tests, compiled) for entry in entries]
    missing = [
        f"{name} names it, and the column does not name that test"
        for name in tests.naming(row["id"])
        if name not in entries
    ]
    return [text for text in wrong if text] + missing


def check(rows, tests, compiled=None):
    """All that is wrong, a line each."""
    wrong = []
    ids = {row["id"] for row in rows}
    for name, named in tests.rows.items():
        wrong += [f"{name}: there is no {i}" for i in named if i not in ids]
    for row in rows:
        wrong += [f"{row['id']}: {t}" for t in check_row(row, tests, compiled)]
    if not any(row["testable"] == "lib-only" for row in rows):
        wrong.append("no row is lib-only: nothing was checked")
    return wrong


def read_table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_table(path, rows, tests):
    for row in rows:
        if row["testable"] == "lib-only":
            kept = row["tests"] if row["tests"].startswith("none:") else ""
            row["tests"] = " ".join(tests.naming(row["id"])) or kept
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_compiled(path, root):
    """The files, below `root`, that the build compiles."""
    files = {
        pathlib.Path(command["directory"], command["file"]).resolve()
        for command in json.loads(path.read_text())
    }
    root = root.resolve()
    return {
        file.relative_to(root).as_posix()
        for file in files
        if file.is_relative_to(root)
    }


def main(arguments):
    write = "--write" in arguments
    if write:
        arguments.remove("--write")
    compiled = None
    if arguments[:1] == ["--compiled"]:
        compiled = pathlib.Path(arguments[1])
        arguments = arguments[2:]
    if len(arguments) != 1:
        sys.exit(__doc__)
    root = pathlib.Path(arguments[0])
    if compiled is not None:
        compiled = read_compiled(compiled, root)
    table = root / TABLE
    rows, tests = read_table(table), Tests(root)
    if write:
        write_table(table, rows, tests)
    wrong = check(rows, tests, compiled)
    if wrong:
        sys.exit("\n".join(wrong))
    num = sum(row["testable"] == "lib-only" for row in rows)
    reasons = sum(row["tests"].startswith("none:") for row in rows)
    print(f"{num} requirements, {num - reasons} shown by tests of libws")


if __name__ == "__main__":
    main(sys.argv[1:])
