#!/usr/bin/python3
"""What `cmake --install` gives of libws can be used by others.

usage: package_test.py [TEST]; in the environment: BUILD, the build tree of the
whole project, and CC, its compiler.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CONSUMER = HERE / "consumer"
BUILD = pathlib.Path(os.environ.get("BUILD", "."))
CC = os.environ.get("CC", "cc")
SAYS = {
    "core": "text hello example.org",
    "crypto": "hi",
    "deflate": "400 bytes in less than 40: 1",
    "websocket": "hello 1000 clean",
    "headers": "Normal Closure",
}
FILES = {
    "core": "ws-core",
    "crypto": "ws-crypto",
    "deflate": "ws-deflate",
    "websocket": "ws",
}


def run(*args, **options):
    """The output of a command that succeeds; else what it said is the error."""
    done = subprocess.run(
        list(map(str, args)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=300,
        **options,
    )
    if done.returncode != 0:
        raise AssertionError(f"{args}: {done.returncode}\n{done.stdout}")
    return done.stdout


def install(build, prefix, **env):
    for component in ("libws", "libws-dev"):
        run(
            *("cmake", "--install", build, "--prefix", prefix),
            *("--component", component),
            env={**os.environ, **env},
        )


def symbols(*options):
    """The names that nm prints; of an archive, not those of its members."""
    said = run("nm", "--defined-only", "--format=posix", *options)
    return set(re.findall(r"^(\S+) [A-Z] ", said, re.M))


def declared(include):
    """What a compiler reads in the headers: {function: header}."""
    with tempfile.TemporaryDirectory() as folder:
        source, info = pathlib.Path(folder, "all.c"), pathlib.Path(folder, "info")
        headers = sorted(header.name for header in include.glob("ws/*.h"))
        source.write_text("".join(f"#include <ws/{h}>\n" for h in headers))
        run("gcc", "-std=c17", f"-I{include}", "-aux-info", info, "-c", source,
            "-o", os.devnull)  # fmt: skip
        found = {}
        for line in info.read_text().splitlines():
            match = re.match(r"/\* .*/ws/(\w+\.h):\d+.*\*/ (.*)", line)
            if match and not match[2].startswith("static"):
                name = re.search(r"\b(ws_\w+) \(", match[2])
                found[name[1]] = match[1]
        return found


class Package(unittest.TestCase):
    """One installation, into a folder that is then moved."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.temporary = pathlib.Path(folder.name)
        install(BUILD, cls.temporary / "first")
        cls.prefix = cls.temporary / "second place"
        (cls.temporary / "first").rename(cls.prefix)
        cls.lib = next(cls.prefix.rglob("libws-core.a")).parent
        cls.static = cls.temporary / "static"
        shutil.copytree(cls.prefix, cls.static, symlinks=True)
        for file in cls.static.rglob("*.so*"):
            file.unlink()

    def folder(self):
        return tempfile.TemporaryDirectory(dir=self.temporary)

    # The libraries

    def test_the_public_functions_are_exported_and_nothing_else(self):
        expected = declared(self.prefix / "include")
        self.assertGreater(len(expected), 150)
        exported = []
        for file in FILES.values():
            exported += symbols("--dynamic", self.lib / f"lib{file}.so")
        self.assertEqual(sorted(exported), sorted(expected))

    def test_global_names_of_static_libraries_are_ours(self):
        for file in FILES.values():
            names = symbols("--extern-only", self.lib / f"lib{file}.a")
            self.assertTrue(names)
            self.assertEqual({n for n in names if not n.startswith("ws_")}, set())

    def test_versions_and_what_is_needed(self):
        for component, file in FILES.items():
            said = run("readelf", "-d", self.lib / f"lib{file}.so")
            self.assertIn(f"soname: [lib{file}.so.0]", said)
            paths = re.findall(r"(?:RPATH|RUNPATH).*\[(.*)\]", said)
            self.assertEqual(paths, ["$ORIGIN"])
            needed = set(re.findall(r"NEEDED.*\[(.*?)\.so", said))
            foreign = needed - {"libc"} - {"lib" + f for f in FILES.values()}
            self.assertLessEqual(foreign, {
                "core": set(),
                "crypto": {"libcrypto"},
                "deflate": {"libz"},
                "websocket": {"libuv", "libssl", "libcrypto"},
            }[component])  # fmt: skip

    def test_no_file_names_a_folder_of_the_build(self):
        places = [str(p).encode() for p in (ROOT, BUILD.resolve())]
        for file in self.prefix.rglob("*"):
            if file.is_file():
                data = file.read_bytes()
                self.assertFalse([p for p in places if p in data], file)

    def test_destdir(self):
        with self.folder() as stage:
            install(BUILD, "/opt/libws", DESTDIR=stage)
            staged = pathlib.Path(stage, "opt/libws")
            self.assertEqual(
                sorted(p.relative_to(staged) for p in staged.rglob("*")),
                sorted(p.relative_to(self.prefix) for p in self.prefix.rglob("*")),
            )

    def test_every_function_has_a_page_of_its_name(self):
        man = self.prefix / "share/man"
        for name in declared(self.prefix / "include"):
            page = (man / f"man3/{name}.3").read_text()
            alias = re.fullmatch(r"\.so (\S+)\n", page)
            if alias:
                page = (man / alias[1]).read_text()
            self.assertIn(f".Fo {name}\n", page)

    # Their users

    def build_consumer(self, prefix, build, *options):
        run(
            *("cmake", "-S", CONSUMER, "-B", build, "-G", "Ninja"),
            *(f"-DCMAKE_PREFIX_PATH={prefix}", *options),
        )
        run("cmake", "--build", build)

    def check_programs(self, build, prefix_of_libraries):
        for name, words in SAYS.items():
            program = pathlib.Path(build, f"use-{name}")
            self.assertEqual(run(program).strip(), words)
            linked = run("ldd", program)
            self.assertEqual("libws" in linked, prefix_of_libraries is not None)
            if prefix_of_libraries:
                self.assertIn(str(prefix_of_libraries), linked)

    def test_cmake_shared(self):
        with self.folder() as build:
            self.build_consumer(self.prefix, build)
            self.check_programs(build, self.prefix)

    def test_cmake_static_by_choice(self):
        with self.folder() as build:
            self.build_consumer(self.prefix, build, "-DLIBWS_USE_STATIC_LIBS=ON")
            self.check_programs(build, None)

    def test_cmake_static_for_want_of_shared(self):
        with self.folder() as build:
            self.build_consumer(self.static, build)
            self.check_programs(build, None)

    def compile(self, component, prefix, *options):
        """Builds one program by hand, runs it, and returns what ldd says."""
        lib = next(prefix.rglob("libws-core.a")).parent
        env = {**os.environ, "PKG_CONFIG_PATH": str(lib / "pkgconfig")}
        module = "lib" + FILES[component]
        flags = run(
            *("pkg-config", "--cflags", "--libs", *options, module), env=env
        )
        with self.folder() as folder:
            # As a shell would: pkg-config escapes the spaces of a path.
            run(
                *("sh", "-c", f'"$0" "$@" {flags}', CC, "-Wall", "-Werror"),
                *(CONSUMER / f"{component}.c", "-o", f"{folder}/a.out"),
            )
            env["LD_LIBRARY_PATH"] = str(lib)
            said = run(f"{folder}/a.out", env=env)
            self.assertEqual(said.strip(), SAYS[component])
            return run("ldd", f"{folder}/a.out", env=env)

    def test_pkg_config_shared(self):
        for component, file in FILES.items():
            linked = self.compile(component, self.prefix)
            self.assertIn(f"{self.lib}/lib{file}.so.0", linked)

    def test_pkg_config_static(self):
        for component in FILES:
            linked = self.compile(component, self.static, "--static")
            self.assertNotIn("libws", linked)


class CoreAlone(unittest.TestCase):
    """lib/core where there is no other library, and no pkg-config."""

    ALONE = (
        "-DLIBWS_ONLY=core",
        "-DBUILD_TESTING=OFF",
        "-DPKG_CONFIG_EXECUTABLE=/nonexistent",
        "-DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON",
        "-DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON",
        "-DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON",
        "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
    )

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def build(self, source, name, *options):
        """Configures, builds and installs; returns the prefix."""
        build, prefix = self.folder / name, self.folder / f"{name}-prefix"
        options += self.ALONE
        run("cmake", "-S", source, "-B", build, "-G", "Ninja", *options)
        run("cmake", "--build", build)
        install(build, prefix)
        return prefix

    def use(self, prefix, name, components, *options):
        """Builds the consumer; returns its build tree."""
        run(
            *("cmake", "-S", CONSUMER, "-B", self.folder / name, "-G", "Ninja"),
            *(f"-DCMAKE_PREFIX_PATH={prefix}", f"-DUSE={components}", *options),
        )
        run("cmake", "--build", self.folder / name)
        return self.folder / name

    def test_it_is_built_and_used(self):
        prefix = self.build(ROOT, "alone")
        names = {p.name for p in prefix.rglob("*")}
        self.assertIn("libws-core.so.0", names)
        self.assertIn("conn.h", names)
        self.assertFalse({"websocket.h", "deflate.h", "libws.pc"} & names)
        program = self.use(prefix, "use", "core") / "use-core"
        self.assertEqual(run(program).strip(), SAYS["core"])
        with self.assertRaisesRegex(AssertionError, "websocket is not installed"):
            self.use(prefix, "too-much", "core;websocket")

    def test_libraries_may_lie_deeper(self):
        deep = "-DCMAKE_INSTALL_LIBDIR=lib/x86_64-linux-gnu"
        prefix = self.build(ROOT, "deep", deep)
        lib = prefix / "lib/x86_64-linux-gnu"
        program = self.use(prefix, "use", "core", deep) / "use-core"
        self.assertIn(f"{lib}/libws-core.so.0", run("ldd", program))
        env = {**os.environ, "PKG_CONFIG_PATH": str(lib / "pkgconfig")}
        for name, folder in ("includedir", prefix / "include"), ("libdir", lib):
            said = run("pkg-config", f"--variable={name}", "libws-core", env=env)
            self.assertTrue(os.path.samefile(said.strip(), folder), said)

    def test_the_same_source_gives_the_same_octets_anywhere(self):
        elsewhere = self.folder / "another place/source"
        for name in ("CMakeLists.txt", "cmake", "lib"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            elsewhere.mkdir(parents=True, exist_ok=True)
            copy(ROOT / name, elsewhere / name)
        first = self.build(ROOT, "a")
        second = self.build(elsewhere, "a longer name")
        files = [p.relative_to(first) for p in first.rglob("*") if p.is_file()]
        self.assertTrue(files)
        for file in files:
            same = (first / file).read_bytes() == (second / file).read_bytes()
            self.assertTrue(same, file)

    def test_an_unknown_component_is_named(self):
        with self.assertRaisesRegex(AssertionError, "no component 'cord'"):
            run("cmake", "-S", ROOT, "-B", self.folder / "x", "-DLIBWS_ONLY=cord")


if __name__ == "__main__":
    unittest.main(verbosity=2)
