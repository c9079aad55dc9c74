#!/usr/bin/python3
"""cmake/layering.cmake finds each kind of forbidden include, and no other."""

import pathlib
import subprocess
import tempfile
import unittest

import harness

CLEAN = {
    "lib/include/ws/frame.h": "#include <stdint.h>\n",
    "lib/include/ws/conn.h": '#include "ws/frame.h"\n',
    "lib/core/frame.c": '#include "ws/frame.h"\n#include <string.h>\n',
    "lib/core/frame_internal.h": "#include <stddef.h>\n",
    "conformance/model/case.h": "#include <stddef.h>\n",
    "conformance/engine/peer.h": '#include "case.h"\n#include "ws/frame.h"\n',
    "conformance/engine/peer.c": '#include "peer.h"\n#include <stdio.h>\n',
    "conformance/script/host.c": '#include <lua.h>\n#include "peer.h"\n',
    "conformance/results/run.h": '#include <jansson.h>\n#include "case.h"\n',
    "examples/args.h": "#include <stdbool.h>\n",
    "examples/echo.c": '#include "args.h"\n#include "ws/conn.h"\n',
    "reports/html/page.c": '#include "run.h"\n#  include <zlib.h>\n',
}

VIOLATIONS = [
    ("lib/core/a.c", "#include <stdio.h>", "lib/core must not include <stdio.h>"),
    ("lib/core/a.c", "#include <sys/socket.h>", "<sys/socket.h>"),
    ("lib/core/a.c", '#include "peer.h"', "must not know conformance/engine"),
    ("conformance/engine/a.c", "#include <lua.h>", "<lua.h>"),
    ("conformance/engine/a.c", '#include "ws/conn.h"', '"ws/conn.h"'),
    ("conformance/engine/a.c", '#include "run.h"', "conformance/results"),
    ("conformance/model/a.c", '#include "peer.h"', "conformance/engine"),
    ("conformance/results/a.c", '#include "peer.h"', "conformance/engine"),
    ("conformance/script/a.c", "#include <uv.h>", "<uv.h>"),
    ("reports/html/a.c", '#include "peer.h"', "conformance/engine"),
    ("reports/html/a.c", "#include <lua.h>", "<lua.h>"),
    ("conformance/engine/a.c", "#include <curl/curl.h>", "neither libc nor"),
    ("conformance/engine/a.c", '#include "gone.h"', "is in no folder"),
    ("examples/a.c", '#include "core/frame_internal.h"', "is no public header"),
    ("examples/a.c", '#include "peer.h"', "must not know conformance/engine"),
    ("examples/a.c", "#include <uv.h>", "examples must not include <uv.h>"),
    ("conformance/novel/a.c", "#include <string.h>", "no arrows are known"),
]


def check(files):
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = pathlib.Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return subprocess.run(
            [
                "cmake",
                f"-DROOT={root}",
                "-P",
                harness.ROOT / "cmake" / "layering.cmake",
            ],
            capture_output=True,
            text=True,
        )


class Layering(unittest.TestCase):
    def test_what_keeps_the_layers_passes(self):
        done = check(CLEAN)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_each_violation_is_named(self):
        for name, line, words in VIOLATIONS:
            with self.subTest(file=name, line=line):
                done = check({**CLEAN, name: line + "\n"})
                self.assertNotEqual(done.returncode, 0)
                # CMake folds long lines of an error.
                said = " ".join(done.stderr.split())
                self.assertIn("1 includes break", said)
                self.assertIn(name, said)
                self.assertIn(words, said)

    def test_a_name_in_two_folders_is_ambiguous(self):
        files = {**CLEAN, "conformance/model/peer.h": ""}
        done = check(files)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("ambiguous", done.stderr)

    def test_an_empty_tree_is_an_error(self):
        self.assertNotEqual(check({"README": ""}).returncode, 0)


if __name__ == "__main__":
    harness.main()
