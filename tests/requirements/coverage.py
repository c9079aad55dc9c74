#!/usr/bin/python3
"""Which case tests which requirement, and why some have none.

usage: coverage.py [--write] WSSPEC ROOT

WSSPEC is the built program. Every row of RFC 6455 and RFC 7692 that can be
tested on a server from outside has a case, or a line in
conformance/requirements/uncovered.csv that says why it has none. A line for a
row that has a case, or that needs no line, is wrong too.

docs/coverage.md shows all of it. --write writes it, and takes away the lines of
uncovered.csv whose row has a case now.
"""

import csv
import io
import json
import pathlib
import re
import subprocess
import sys

TABLE = "conformance/requirements/requirements.csv"
REASONS = "conformance/requirements/uncovered.csv"
DOCUMENT = "docs/coverage.md"
RFCS = ("6455", "7692")
TESTABLE = ("blackbox-server", "blackbox-both")
REASON = re.compile(r"\S.{14,}")

HEAD = """# Coverage

Which requirement is tested by which case, and why some have none. Written by
`script/traceability`, from the cases and from `conformance/requirements/`; a test holds that it is up to date. The words of a row
are ours: `wsspec explain ID` links to those of the RFC.
"""


def is_bound(row):
    """True for what needs a case or a reason."""
    return row["rfc"] in RFCS and row["testable"] in TESTABLE


def check(rows, reasons):
    """All that is wrong, a line each. `rows`: of wsspec list reqs; `reasons`:
    (id, reason) of uncovered.csv."""
    wrong = []
    by_id = {row["id"]: row for row in rows}
    for row_id, reason in reasons:
        row = by_id.get(row_id)
        if row is None:
            wrong.append(f"{row_id}: {REASONS} names a row that does not exist")
        elif row["cases"]:
            wrong.append(
                f"{row_id}: has a reason to have no case, and yet"
                f" {' '.join(row['cases'])}: run script/traceability"
            )
        elif not is_bound(row):
            wrong.append(f"{row_id}: needs no reason: take it out of {REASONS}")
        elif not REASON.fullmatch(reason):
            wrong.append(f"{row_id}: '{reason}' is no reason to speak of")
    named = [row_id for row_id, _ in reasons]
    wrong += [f"{i}: stands twice in {REASONS}" for i in set(named) if named.count(i) > 1]
    for row in rows:
        if is_bound(row) and not row["cases"] and row["id"] not in named:
            wrong.append(
                f"{row['id']}: has no case. Write one, or say in {REASONS}"
                f" why there cannot be one: {row['statement']}"
            )
    if not any(is_bound(row) for row in rows):
        wrong.append("no row is bound: nothing was checked")
    return wrong


def without_rot(rows, reasons):
    """The reasons whose row has no case."""
    covered = {row["id"] for row in rows if row["cases"]}
    return [entry for entry in reasons if entry[0] not in covered]


def answer(row, proofs):
    """The last column of a row's line."""
    if row["cases"]:
        return ", ".join(f"`{case}`" for case in row["cases"])
    proof = proofs.get(row["id"], "")
    if proof.startswith("none: "):
        return proof[len("none: ") :]
    if proof:
        return "unit test: " + ", ".join(f"`{name}`" for name in proof.split(" "))
    return "— " + row["uncovered_reason"]


def cell(text):
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def render(rows, proofs):
    """docs/coverage.md. No line depends on another row, so that the changes of
    two branches merge."""
    out = [HEAD]
    section = None
    for row in rows:
        if (row["rfc"], row["section"]) != section:
            section = row["rfc"], row["section"]
            name = "WHATWG" if row["rfc"] == "WHATWG" else f"RFC {row['rfc']}"
            out.append(f"\n## {name}, {row['section']}\n")
            out.append("| row | level | requirement | cases, or why none |")
            out.append("|---|---|---|---|")
        out.append(
            f"| {row['id']} | {row['level']} | {cell(row['statement'])}"
            f" | {cell(answer(row, proofs))} |"
        )
    return "\n".join(out) + "\n"


def read_csv(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_reasons(path, reasons):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "reason"])
    writer.writerows(reasons)
    path.write_text(text.getvalue(), encoding="utf-8")


def list_rows(wsspec):
    done = subprocess.run(
        [wsspec, "list", "reqs", "--json", "-"], check=True, stdout=subprocess.PIPE
    )
    return json.loads(done.stdout)["requirements"]


def main(arguments):
    write = "--write" in arguments
    if write:
        arguments.remove("--write")
    if len(arguments) != 2:
        sys.exit(__doc__)
    rows, root = list_rows(arguments[0]), pathlib.Path(arguments[1])
    reasons = [(r["id"], r["reason"]) for r in read_csv(root / REASONS)]
    proofs = {row["id"]: row["tests"] for row in read_csv(root / TABLE)}
    if write:
        reasons = without_rot(rows, reasons)
        write_reasons(root / REASONS, reasons)
        (root / DOCUMENT).write_text(render(rows, proofs), encoding="utf-8")
    wrong = check(rows, reasons)
    document = root / DOCUMENT
    if not document.exists() or document.read_text(encoding="utf-8") != render(
        rows, proofs
    ):
        wrong.append(f"{DOCUMENT} is out of date: run script/traceability")
    if wrong:
        sys.exit("\n".join(wrong))
    bound = [row for row in rows if is_bound(row)]
    num = sum(bool(row["cases"]) for row in bound)
    print(f"{num} of {len(bound)} requirements have a case, {len(reasons)} a reason")


if __name__ == "__main__":
    main(sys.argv[1:])
