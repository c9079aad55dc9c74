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

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "library.md"
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


if __name__ == "__main__":
    Linking.build, Linking.source = map(pathlib.Path, sys.argv[1:])
    unittest.main(argv=sys.argv[:1])
