#!/usr/bin/python3
"""The manual pages of libws say what the headers declare.

Without mandoc, what it would find is not looked for.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = ROOT / "lib/include/ws"
PAGES = ROOT / "lib/man"


def words(text):
    """`text` with one space between words, and none beside brackets."""
    return re.sub(r" ?([(),*\[\]]) ?", r"\1", " ".join(text.split()))


def arguments(text):
    """The parameters of a list, split at the commas outside brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [words(part) for part in parts]


def declarations(text):
    """{function: (result, [parameters])} of a header."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"^[ \t]*#(?:.*\\\n)*.*", "", text, flags=re.M)
    text = text.replace('extern "C" {', "")
    text = re.sub(r"\)\s*\{[^{}]*\}", ");", text)  # inline functions
    while True:  # the bodies of structs and enums
        shorter = re.sub(r"\{[^{}]*\}", "", text)
        if shorter == text:
            break
        text = shorter
    found = {}
    for statement in text.split(";"):
        match = re.fullmatch(r"(.*?)\b(ws_\w+)\((.*)\)", statement.strip(), re.S)
        if match and not re.search(r"\b(typedef|static)\b", match[1]):
            found[match[2]] = (words(match[1]), arguments(match[3]))
    return found


def synopsis(text):
    """The same of a page's SYNOPSIS, and the headers that it includes."""
    part = text.split(".Sh SYNOPSIS\n")[-1].split(".Sh ")[0]
    found, result, name = {}, "", None
    for line in part.splitlines():
        macro, _, rest = line.partition(" ")
        rest = rest.strip('"')
        if macro == ".Ft":
            result = words(rest)
        elif macro == ".Fo":
            name = rest
            found[name] = (result, [])
        elif macro == ".Fa":
            found[name][1].append(words(rest))
    return found, re.findall(r"^\.In ws/(\w+\.h)$", part, re.M)


class Manual(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.headers = {
            path.name: declarations(path.read_text())
            for path in sorted(HEADERS.glob("*.h"))
        }
        cls.pages = {path.name: path.read_text() for path in PAGES.iterdir()}

    def test_every_function_stands_in_one_page_as_it_is_declared(self):
        declared = {
            f"{name} {result}({', '.join(parameters)})"
            for functions in self.headers.values()
            for name, (result, parameters) in functions.items()
        }
        self.assertGreater(len(declared), 150)
        told = []
        for text in self.pages.values():
            for name, (result, parameters) in synopsis(text)[0].items():
                told.append(f"{name} {result}({', '.join(parameters)})")
        self.assertEqual(sorted(told), sorted(declared))

    def test_a_page_includes_the_headers_of_its_functions(self):
        where = {f: h for h, fs in self.headers.items() for f in fs}
        for page, text in self.pages.items():
            functions, includes = synopsis(text)
            with self.subTest(page=page):
                self.assertEqual(
                    {where[f] for f in functions},
                    set(includes) if page.endswith(".3") else set(),
                )

    def test_names_and_descriptions(self):
        for page, text in self.pages.items():
            functions, _ = synopsis(text)
            head = text.split(".Sh SYNOPSIS")[0].split(".Sh DESCRIPTION")[0]
            body = text.split(".Sh DESCRIPTION")[1]
            with self.subTest(page=page):
                names = re.findall(r"^\.Nm (\w+)", head, re.M)
                self.assertEqual(set(functions), set(names) & set(functions))
                self.assertLessEqual(set(names) - {page[:-2]}, set(functions))
                told = set(re.findall(r"^\.Fn (\w+)", body, re.M))
                self.assertEqual(set(functions) - told, set())

    def test_references_lead_somewhere(self):
        ours = {page.rsplit(".", 1)[0] for page in self.pages}
        for page, text in self.pages.items():
            for name in re.findall(r"^\.Xr ((?:lib)?ws\w*) \d", text, re.M):
                self.assertIn(name, ours, page)

    def test_mandoc_finds_nothing(self):
        mandoc = shutil.which("mandoc")
        if mandoc is None:
            self.skipTest("mandoc is not installed")
        done = subprocess.run(
            [mandoc, "-T", "lint", "-W", "style", *sorted(PAGES.iterdir())],
            capture_output=True,
            text=True,
            check=False,
        )
        # The pages of a manual that is not installed cannot be found.
        said = [
            line
            for line in done.stdout.splitlines()
            if "referenced manual not found" not in line
        ]
        self.assertEqual(said, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
