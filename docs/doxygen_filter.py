#!/usr/bin/python3
"""Doxygen's input filter: doxygen_filter.py HEADER

The headers under lib/include/ws are manuals in plain comments. This prints one
in Doxygen's notation, by these rules:

- The first comment, "name.h: what it is", describes the file.
- A comment above a declaration describes it, and those behind it that follow
  without an empty line and have no comment of their own.
- A comment behind a declaration, member or enumerator describes that.
- A comment whose first line ends in dashes begins a section.
- Any other with an empty line below is for readers of the source.
- `struct x;` is written as a structure without members: it gets its place.
- `bool a, b;` is written as two declarations.
- What Doxygen takes for a command or a tag is escaped. Markdown stays.
- The enum that fault.h makes of its table is written out, a row an entry.

The numbers of the lines do not stay what they are.
"""

import pathlib
import re
import sys

COMMENT = re.compile(r"/\*(.*?)\*/", re.S)
# What is *stressed* by Markdown, or a star of C: "*result".
EMPHASIS = re.compile(r"((?<![\w-])\*[^*\s](?:[^*]*[^*\s])?\*(?!\w))|\*")
SECTION = re.compile(r"(?:-- )?(.*?)(?: -+)?$")


def text_of(comment):
    """The lines of a comment without its stars."""
    body = COMMENT.fullmatch(comment).group(1)
    lines = [re.sub(r"^\s*\* ?", "", line) for line in body.split("\n")]
    lines[0] = lines[0].lstrip()
    while lines and not lines[-1].strip():
        lines.pop()
    # A comment behind a declaration is indented to its column.
    return [line.rstrip() for line in lines]


def trailing_text(comment):
    """The same of one behind a declaration: one paragraph."""
    body = COMMENT.fullmatch(comment).group(1)
    return [" ".join(body.split())]


def escaped(lines):
    result = []
    for line in lines:
        if not line.startswith("    "):
            line = re.sub(r"([\\@#$])", r"\\\1", line)
            line = EMPHASIS.sub(lambda m: m.group(1) or r"\*", line)
            line = line.replace("<", "&lt;").replace(">", "&gt;")
        result.append(line)
    return result


def block(lines, begin="/** "):
    lines = escaped(lines) or [""]
    return begin + "\n * ".join(lines) + " */"


def capital(text):
    return text[:1].upper() + text[1:]


def is_section(lines):
    return bool(lines) and (
        re.search(r" -{1,}$", lines[0]) is not None or lines[0].startswith("-- ")
    )


def split(source):
    """The source as ("comment" | "code", text) in order."""
    at = 0
    for match in COMMENT.finditer(source):
        if match.start() > at:
            yield "code", source[at : match.start()]
        yield "comment", match.group(0)
        at = match.end()
    yield "code", source[at:]


def faults(source):
    """The enumerators of fault.h with a comment each."""
    rows = re.findall(
        r'XX\((\w+),\s*(\d+),\s*(\d+),\s*"([^"]*)",\s*((?:"[^"]*"\s*)+)\)',
        source.replace("\\\n", "\n"),
    )
    for name, close, http, clause, text in rows:
        rfc = clause if clause.startswith("RFC") else f"RFC 6455 {clause}"
        said = "".join(re.findall(r'"([^"]*)"', text))
        answers = [f"Close {close}"] * (close != "0")
        answers += [f"HTTP {http}"] * (http != "0")
        more = "".join(f"; {answer}" for answer in answers)
        yield f"WS_FAULT_{name}, /* {said} ({rfc}{more}) */"


def write_out_faults(source):
    made = "\n  ".join(faults(source))
    source = re.sub(
        r"#define XX\(name.*?#undef XX\s*",
        lambda _: made + "\n  ",
        source,
        count=1,
        flags=re.S,
    )
    return re.sub(
        r"#define WS_FAULT_MAP\(XX\).*?\n\n",
        "/* The list: XX(name, close_code, http_status, clause, text) a row. */\n"
        "#define WS_FAULT_MAP(XX)\n\n",
        source,
        flags=re.S,
    )


def declared_apart(source):
    """Every structure with a body, and every member by itself."""
    source = re.sub(r"^(struct \w+);", r"\1 {};", source, flags=re.M)
    source = re.sub(
        r"^(struct \w+ \{\};)( /\*.*?\*/)?",
        lambda m: (f"/* {m[2].strip(' /*').capitalize()}. */\n{m[1]}"
                   if m[2] else m[0]),
        source,
        flags=re.M,
    )
    return re.sub(
        r"^(  \w+ )(\w+), (\w+);( +/\*.*?\*/)",
        r"\1\2;\4\n\1\3;\4",
        source,
        flags=re.M,
    )


class Writer:
    """Puts the parts of one header together again, in Doxygen's notation."""

    def __init__(self, name):
        self.name = name
        self.out = []
        self.first = True
        self.above = None  # the comment for what follows it
        self.in_section = False

    def comment(self, comment, behind, alone):
        """`behind`: code stands before it on its line; `alone`: none below."""
        if behind:
            self.out.append("/**< " + escaped(trailing_text(comment))[0] + " */")
            return
        lines = text_of(comment)
        if self.first:
            self.first = False
            lines[0] = capital(lines[0].removeprefix(f"{self.name}: "))
            self.out.append(block(lines, f"/** @file {self.name}\n *\n * "))
        elif is_section(lines):
            self.section(lines)
        elif not alone:
            self.above = lines
            self.out.append(block(lines))

    def section(self, lines):
        self.end_section()
        title = SECTION.fullmatch(lines[0]).group(1).strip()
        self.in_section = True
        self.above = None
        self.out.append(block([capital(title), *lines[1:]], "/** @name "))
        self.out.append("\n/** @{ */")

    def end_section(self):
        if self.in_section:
            self.out.append("/** @} */\n\n")
        self.in_section = False

    def code(self, code, comment_behind):
        """Repeats the comment above for each declaration that shares it."""
        lines = code.split("\n")
        for number, line in enumerate(lines):
            last = number == len(lines) - 1
            if line.strip() == "#ifdef __cplusplus":
                self.end_section()  # which has begun behind the first of the two
            if not line.strip():
                if not last and number > 0:
                    self.above = None
            elif line.rstrip().endswith("{") or line.startswith(("}", "#")):
                self.above = None  # of the whole, not of its members
            self.out.append(line if last else line + "\n")
            if last or self.above is None or not line.rstrip().endswith(";"):
                continue
            if self.own(lines[number + 1 :], comment_behind):
                self.above = None
            elif lines[number + 1].strip() and not lines[number + 1].startswith("}"):
                self.out.append(block(self.above) + "\n")

    @staticmethod
    def own(lines, comment_behind):
        """The next declaration, up to the end of the code, has its comment."""
        return comment_behind and ";" not in "".join(lines[:-1])


def filtered(name, source):
    if name == "fault.h":
        source = write_out_faults(source)
    writer = Writer(name)
    parts = list(split(declared_apart(source)))
    for number, (kind, text) in enumerate(parts):
        if kind == "comment":
            before = parts[number - 1][1] if number else ""
            behind = bool(before.rsplit("\n", 1)[-1].strip())
            after = parts[number + 1][1]
            writer.comment(text, behind, alone=after.startswith("\n\n"))
        else:
            tail = text.rsplit("\n", 1)[-1].strip()
            writer.code(text, bool(tail))
    return "".join(writer.out)


def main(path):
    path = pathlib.Path(path)
    sys.stdout.write(filtered(path.name, path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main(sys.argv[1])
