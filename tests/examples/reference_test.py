#!/usr/bin/python3
"""The API reference: reference_test.py DOXYGEN DOXYFILE FOLDER HEADERS

Doxygen makes it in FOLDER without a warning; every file and every function of
the public headers is in it with what its header says.
"""

import pathlib
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ElementTree

SKIPPED = 77


def declared(headers):
    """The functions that the headers declare."""
    found = set()
    for path in headers.glob("*.h"):
        source = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        source = re.sub(r"^#.*(?:\\\n.*)*", "", source, flags=re.M)
        found.update(re.findall(r"\b(ws_\w+)\((?!\*)", source))
    return found


def said(node):
    """The description of an XML node, as words."""
    parts = (node.find("briefdescription"), node.find("detaileddescription"))
    return " ".join(
        "".join(part.itertext()) for part in parts if part is not None
    ).strip()


class Reference(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [cls.doxygen, cls.doxyfile],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=100,
        )
        cls.done = done
        cls.functions, cls.files = {}, {}
        for path in (cls.folder / "xml").glob("*_8h.xml"):
            compound = ElementTree.parse(path).getroot().find("compounddef")
            cls.files[compound.findtext("compoundname")] = said(compound)
            for member in compound.iter("memberdef"):
                if member.get("kind") in ("function", "typedef"):
                    cls.functions[member.findtext("name")] = said(member)

    def test_no_warning(self):
        self.assertEqual(self.done.stdout.decode(), "")
        self.assertEqual(self.done.returncode, 0)

    def test_every_header_is_described(self):
        names = {path.name for path in self.headers.glob("*.h")}
        self.assertGreater(len(names), 10)
        self.assertEqual(set(self.files), names)
        self.assertEqual([n for n, text in self.files.items() if not text], [])

    def test_every_function_is_described(self):
        self.assertGreater(len(self.functions), 100)
        self.assertEqual(declared(self.headers) - set(self.functions), set())
        silent = [name for name, text in self.functions.items() if not text]
        self.assertEqual(silent, [])

    def test_contracts_are_shown(self):
        """One of each kind that the filter knows."""
        html = "".join(
            re.sub(r"<[^>]*>", "", path.read_text())
            for path in (self.folder / "html").glob("*.html")
        )
        for text in (
            "while (ws_conn_next(c, &amp;event)) { ... }",  # code
            "The last event is always WS_EVENT_END",  # of a file
            "borrowed until ws_conn_free; NULL: libc",  # behind a member
            "a frame exceeds its size limit (RFC 6455 10.4; Close 1009)",
            "the output is full; nothing was queued",  # of a section
        ):
            self.assertIn(text, re.sub(r"\s+", " ", html))


if __name__ == "__main__":
    doxygen, doxyfile, folder, headers = sys.argv[1:]
    if not pathlib.Path(doxygen).is_file():
        print("doxygen is not installed: script/bootstrap manual")
        sys.exit(SKIPPED)
    Reference.doxygen, Reference.doxyfile = doxygen, doxyfile
    Reference.folder = pathlib.Path(folder)
    Reference.headers = pathlib.Path(headers)
    unittest.main(argv=sys.argv[:1])
