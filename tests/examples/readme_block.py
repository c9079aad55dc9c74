#!/usr/bin/env python3
"""Takes the program out of README.md: readme_block.py README OUT.c"""

import pathlib
import sys

text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
blocks = text.split("```c\n")[1:]
if len(blocks) != 1:
    raise SystemExit(f"{sys.argv[1]}: {len(blocks)} programs, not one")
program = blocks[0].split("```")[0]
pathlib.Path(sys.argv[2]).write_text(
    '#include <stdio.h>\n\n#include "ws/websocket.h"\n\n' + program,
    encoding="utf-8",
)
