#!/usr/bin/python3
"""script/bootstrap on machines that this one is not: a PATH of stand-ins."""

import os
import pathlib
import subprocess
import tempfile
import time
import unittest

import harness

BOOTSTRAP = harness.ROOT / "script" / "bootstrap"
TOOLS = "bash cat cut tr grep dirname mktemp tail rm env"


class Machine:
    """A directory that is the whole PATH of a script."""

    def __init__(self, root, installed, uid=0, sudo=True, apt_fails=False):
        self.root = pathlib.Path(root)
        self.log = self.root / "apt.log"
        for tool in TOOLS.split():
            (self.root / tool).symlink_to(f"/usr/bin/{tool}")
        listing = "\n".join(f"installed {name}" for name in installed)
        # dpkg-query fails when one of the names is unknown, and lists the rest.
        self.stand_in("dpkg-query", f"cat <<'END'\n{listing}\nEND\nexit 1")
        self.stand_in("id", f"echo {uid}")
        self.stand_in(
            "apt-get",
            f'echo "$@" >>{self.log}; echo broken mirror\n'
            f"exit {100 if apt_fails else 0}",
        )
        if sudo:
            self.stand_in("sudo", f'echo sudo >>{self.log}; exec "$@"')

    def stand_in(self, name, text):
        path = self.root / name
        path.write_text(f"#!/usr/bin/bash\n{text}\n")
        path.chmod(0o755)

    def bootstrap(self, *args, **env):
        return subprocess.run(
            [BOOTSTRAP, *args],
            env={"PATH": str(self.root), "TMPDIR": str(self.root), **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def calls(self):
        return self.log.read_text() if self.log.exists() else ""


def packages(*profiles):
    listed = subprocess.run(
        [BOOTSTRAP, "--list", *profiles],
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split(":")[0].strip() for line in listed.stdout.splitlines()]


class Bootstrap(unittest.TestCase):
    def machine(self, installed, **how):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return Machine(folder.name, installed, **how)

    def test_nothing_missing_is_silent_and_quick(self):
        machine = self.machine(packages("test", "lint"), uid=1000, sudo=False)
        began = time.monotonic()
        done = machine.bootstrap("test", "lint")
        self.assertLess(time.monotonic() - began, 1)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertEqual(machine.calls(), "")

    def test_what_is_missing_is_named_with_its_reason_and_installed(self):
        present = [name for name in packages() if name != "libjansson-dev"]
        machine = self.machine(present)
        done = machine.bootstrap()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("libjansson-dev: JSON", done.stdout)
        self.assertNotIn("libuv1-dev", done.stdout)
        self.assertEqual(
            machine.calls(),
            "update\ninstall -y --no-install-recommends libjansson-dev\n",
        )

    def test_a_user_who_is_not_root_needs_sudo(self):
        machine = self.machine([], uid=1000)
        self.assertEqual(machine.bootstrap().returncode, 0)
        self.assertEqual(machine.calls().count("sudo\n"), 2)

    def test_without_sudo_the_command_is_told(self):
        machine = self.machine([], uid=1000, sudo=False)
        done = machine.bootstrap()
        self.assertEqual(done.returncode, 1)
        self.assertIn("as root, run:", done.stderr)
        self.assertIn("apt-get install build-essential cmake", done.stderr)
        self.assertEqual(machine.calls(), "")

    def test_a_failing_apt_get_is_shown(self):
        done = self.machine([], apt_fails=True).bootstrap()
        self.assertEqual(done.returncode, 1)
        self.assertIn("broken mirror", done.stderr)
        self.assertIn("apt-get failed", done.stderr)

    def test_another_system_is_told_what_to_provide(self):
        machine = self.machine([])
        (machine.root / "dpkg-query").unlink()
        done = machine.bootstrap("test")
        self.assertEqual(done.returncode, 1)
        self.assertIn("libcmocka-dev: unit tests", done.stderr)
        done = machine.bootstrap("test", WSSPEC_BOOTSTRAP="no")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_npm_of_another_origin_is_kept(self):
        present = [name for name in packages("browser") if name != "npm"]
        machine = self.machine(present)
        machine.stand_in("npm", "exit 0")
        machine.stand_in("touch", "exit 0")
        done = machine.bootstrap("browser")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(machine.calls(), "")

    def test_an_unknown_profile_is_an_error(self):
        done = self.machine([]).bootstrap("everything")
        self.assertEqual(done.returncode, 1)
        self.assertIn("unknown profile 'everything'", done.stderr)


if __name__ == "__main__":
    harness.main()
