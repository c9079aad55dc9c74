#!/usr/bin/python3
"""A program of docs/library.md prints what stands there:
library_test.py PROGRAM EXPECTED"""

import difflib
import pathlib
import subprocess
import sys


def main(program, expected):
    done = subprocess.run(
        [program], stdin=subprocess.DEVNULL, capture_output=True, timeout=30
    )
    sys.stderr.write(done.stderr.decode(errors="replace"))
    wanted = pathlib.Path(expected).read_text(encoding="utf-8")
    printed = done.stdout.decode()
    if printed != wanted:
        sys.stderr.writelines(
            difflib.unified_diff(
                wanted.splitlines(True),
                printed.splitlines(True),
                "docs/library.md",
                "printed",
            )
        )
        return 1
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
