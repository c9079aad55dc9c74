#!/usr/bin/python3
"""Takes the code out of docs/library.md: library_blocks.py DOC FOLDER NAME...

A block of C that begins with "/* NAME.c:" is a program, "/* NAME.c, continued"
goes on with it, and the text block behind it is what it prints. Any other block
of C is the body of a function. Writes NAME.c and NAME.txt for each program, and
snippets.c; the programs of the document have to be NAME..., all of them.
"""

import pathlib
import re
import sys

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)
PROGRAM = re.compile(r"/\* (\w+)\.c(:|, continued)")

SNIPPET_HEAD = """\
#include <stdio.h>

#include "ws/server.h"

/* Of section 5's program. */
void on_request(void *user, struct ws_server_request *request);
"""

SNIPPET = """
void snippet_{number}(struct ws_io *io, struct ws_websocket *socket,
                      struct ws_server_request *request);
void snippet_{number}(struct ws_io *io, struct ws_websocket *socket,
                      struct ws_server_request *request) {{
  (void)io;
  (void)socket;
  (void)request;
{body}}}
"""


def blocks(text):
    """({name: source}, {name: output}, [snippet])"""
    programs, outputs, snippets = {}, {}, []
    last = None
    for language, body in BLOCK.findall(text):
        if language == "c":
            match = PROGRAM.match(body)
            last = match and match[1]
            if match is None:
                snippets.append(body)
            elif match[2] == ":":
                if last in programs:
                    sys.exit(f"{last}.c begins twice")
                programs[last] = body
            else:
                programs[last] += "\n" + body
        elif language == "text" and last is not None:
            outputs[last] = body
            last = None
    return programs, outputs, snippets


def main(document, folder, *names):
    text = pathlib.Path(document).read_text(encoding="utf-8")
    programs, outputs, snippets = blocks(text)
    if sorted(programs) != sorted(names):
        sys.exit(f"the programs are {sorted(programs)}, expected {sorted(names)}")
    if sorted(outputs) != sorted(names):
        sys.exit(f"outputs are there for {sorted(outputs)} only")
    if not snippets:
        sys.exit("there are no snippets")
    folder = pathlib.Path(folder)
    for name in names:
        (folder / f"{name}.c").write_text(programs[name], encoding="utf-8")
        (folder / f"{name}.txt").write_text(outputs[name], encoding="utf-8")
    bodies = [
        SNIPPET.format(number=number, body=body)
        for number, body in enumerate(snippets)
    ]
    (folder / "snippets.c").write_text(
        SNIPPET_HEAD + "".join(bodies), encoding="utf-8"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
