"""Run documents, for make_seeds.py: small ones of every kind that a run writes,
and such as nobody should write."""

import copy
import json

VERDICTS = ["pass", "fail", "warn", "info", "skip", "error"]
HOSTILE = (
    "</script><script>alert(1)</script>]]>-->\" onload='x' &amp; `|` ##[error]"
    "\n::error::owned\nok 9\n\u001b[31m\u202e\u200b\uffff \u00e9\U0001f4a9"
)


def clause(verdict, text=""):
    return {
        "requirement": "6455-5.5.2-03",
        "strength": "must",
        "verdict": verdict,
        "label": text,
        "expected": "a pong" + text,
        "got": text,
        "line": 3,
        "step": 0,
        "absent": False,
    }


def wire(text=""):
    event = {"t": 10, "connection": 0, "direction": "sent", "offset": 0, "hex": ""}
    ping = {
        "t": 20,
        "connection": 0,
        "direction": "sent",
        "offset": 4,
        "header": "898037fa213d",
        "fin": True,
        "rsv": 0,
        "opcode": 9,
        "opcode_name": "ping",
        "masked": True,
        "key": "37fa213d",
        "length_form": 7,
        "length": 0,
        "payload": "",
    }
    close = dict(ping, direction="received", offset=0, header="8802", opcode=8)
    close.update(masked=False, key=None, length=2, payload="03e8", text=text)
    return {
        "connections": 1,
        "events": [
            dict(event, kind="open"),
            dict(event, kind="data", hex="47455420", text="GET " + text),
            dict(event, kind="data", offset=4, hex="898037fa213d"),
            dict(event, kind="data", direction="received", hex="880203e8", cut=7),
            dict(event, kind="fin", t=30, direction="received", offset=4),
        ],
        "frames": [ping, close],
    }


def result(number, verdict, text=""):
    return {
        "target": "ws://127.0.0.1:1/",
        "case": f"control.c{number}",
        "variant": "tcp",
        "chop": "whole",
        "verdict": verdict,
        "reason": text,
        "absent": False,
        "repeated": False,
        "expectation": None,
        "clauses": [clause(verdict, text)],
        "steps": [
            {"line": 3, "verb": "ping", "text": text, "connection": 0, "wire": 2}
        ],
        "wire": wire(text),
        "autobahn": [],
        "timing": {"duration_us": 40, "steps": [20]},
    }


def case(number, text=""):
    return {
        "id": f"control.c{number}",
        "title": "A ping is answered" + text,
        "source": "local ws = t:open()\nws:ping()\n" + text,
        "file": "conformance/cases/control.lua",
        "line": 1,
        "requirements": ["6455-5.5.2-03"],
        "autobahn": [],
        "tags": [],
        "since": "1.0",
    }


def document(verdicts, text=""):
    numbers = range(len(verdicts))
    return {
        "schema": "wsspec-run/1",
        "tool": {"version": "0.1.0", "suite": "1.0"},
        "run": {
            "seed": 1,
            "options": {"command": ["wsspec", "server", text], "fail_on": "fail"},
            "interrupted": False,
        },
        "targets": [
            {
                "id": "ws://127.0.0.1:1/",
                "role": "server",
                "url": "ws://127.0.0.1:1/" + text,
                "agent": "peer" + text,
                "facts": {"echo": "yes", "fact" + text: text},
                "summary": {name: verdicts.count(name) for name in VERDICTS},
                "requirements": [{"id": "6455-5.5.2-03", "verdict": verdicts[0]}],
            }
        ],
        "cases": [case(i, text) for i in numbers],
        "results": [result(i, verdicts[i], text) for i in numbers],
        "requirements": [
            {
                "id": "6455-5.5.2-03",
                "rfc": "6455",
                "section": "5.5.2",
                "level": "MUST",
                "role": "both",
                "statement": "A ping is answered with a pong." + text,
                "testable": "blackbox-both",
                "url": "https://www.rfc-editor.org/rfc/rfc6455#section-5.5.2",
                "uncovered_reason": None,
            }
        ],
    }


def two_targets():
    made = document(["fail"])
    other = copy.deepcopy(made["targets"][0])
    other.update(id="ws://127.0.0.1:2/", agent="other")
    made["targets"].append(other)
    made["results"].append(dict(result(0, "pass"), target=other["id"]))
    return made


def expected():
    made = document(["fail", "pass"])
    for item, state in zip(made["results"], ["met", "unexpected"]):
        item["expectation"] = {"state": state, "why": "known", "till": "2030-01-01"}
    return made


def changed(**members):
    made = document(["pass"])
    made.update(members)
    return made


def documents():
    yield "one", document(["fail"])
    yield "each-verdict", document(VERDICTS[1:] + VERDICTS[:1])
    yield "hostile", document(VERDICTS, HOSTILE)
    yield "two-targets", two_targets()
    yield "expected", expected()
    yield "interrupted", changed(
        run={"seed": "18446744073709551615", "options": {}, "interrupted": True}
    )
    yield "without-results", changed(results=[])
    yield "without-anything", changed(targets=[], cases=[], results=[])
    yield "unknown-target", changed(targets=[])
    yield "newer-schema", changed(schema="wsspec-run/2")
    yield "wrong-type", changed(results={})


def run_document():
    """Seeds: name, options, octets."""
    for name, made in documents():
        text = json.dumps(made, separators=(",", ":"), ensure_ascii=False)
        yield name, [], text.encode()
        if name == "one":
            yield "truncated", [], text[: len(text) // 2].encode()
            twice = text.replace('"results":', '"results":[],"results":', 1)
            yield "member-twice", [], twice.encode()
            yield "not-utf-8", [], text.encode().replace(b"peer", b"p\xe9er")
    yield "deep", [], b"[" * 3000
    yield "empty", [], b""
