#!/usr/bin/python3
"""What docs/library.md says about linking holds: linking_test.py BUILD ECHO.C

libws is installed from BUILD; a program of the page is built against it with the
very lines of the page, and runs.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "library.md"
SECONDS = 100


def block(language):
    found = re.findall(
        rf"^```{language}\n(.*?)^```$", DOCUMENT.read_text(), re.S | re.M
    )
    assert len(found) == 1, f"{len(found)} blocks of {language}"
    return found[0]


class Linking(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.prefix = pathlib.Path(folder.name) / "prefix"
        cls.folder = pathlib.Path(folder.name) / "program"
        cls.folder.mkdir()
        (cls.folder / "echo.c").write_text(cls.source.read_text())
        for component in ("libws", "libws-dev"):
            cls.run_in(
                "cmake", "--install", cls.build, "--prefix", cls.prefix,
                "--component", component,
            )  # fmt: skip
        found = next(cls.prefix.glob("**/libws.pc")).parent
        cls.environment = {
            **os.environ,
            "PKG_CONFIG_PATH": str(found),
            "LD_LIBRARY_PATH": str(found.parent),
        }

    environment = None

    @classmethod
    def run_in(cls, *command):
        done = subprocess.run(
            list(map(str, command)),
            cwd=cls.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=SECONDS,
            env=cls.environment,
        )
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}")
        return done.stdout

    def test_cmake(self):
        (self.folder / "CMakeLists.txt").write_text(block("cmake"))
        for static in ("ON", "OFF"):
            build = f"build-{static}"
            self.run_in(
                "cmake", "-S", ".", "-B", build,
                f"-DCMAKE_PREFIX_PATH={self.prefix}",
                f"-DLIBWS_USE_STATIC_LIBS={static}",
            )  # fmt: skip
            self.run_in("cmake", "--build", build)
            self.assertIn("message: hello", self.run_in(f"{build}/echo"))

    def test_pkg_config(self):
        self.run_in("sh", "-e", "-c", block("sh"))
        self.assertIn("message: hello", self.run_in("./echo"))

    def test_examples_can_be_copied(self):
        """They need what is installed, the files beside them, and POSIX."""
        for name, modules in (
            ("poll-echo", "libws-core libws-crypto"),
            ("echo-server", "libws"),
            ("client", "libws"),
            ("chat-server", "libws"),
            ("chat-client", "libws"),
        ):
            shared = " ".join(
                str(ROOT / "examples" / f"{part}.c")
                for part in ("command", "endpoint", "lines")
                if f'"{part}.h"' in (ROOT / "examples" / f"{name}.c").read_text()
            )
            self.run_in(
                "sh", "-e", "-c",
                f"cc -std=c17 -D_POSIX_C_SOURCE=200809L -o {name} "
                f"{ROOT}/examples/{name}.c {shared} "
                f"$(pkg-config --cflags --libs {modules})",
            )  # fmt: skip
            self.assertIn("usage: ", self.run_in(f"./{name}", "--help"))


if __name__ == "__main__":
    Linking.build, Linking.source = map(pathlib.Path, sys.argv[1:])
    unittest.main(argv=sys.argv[:1])
