"""check_formats.py FOLDER: exit 0 when what a run document became is sound.

FOLDER holds what render_formats wrote. Each format is read by somebody else's
reader (xmllint, python3-jsonschema, tshark) where there is one, by the rules of
its own specification where there is none, and held against the document. Exit
77 (skipped) when a reader is not installed.
"""

import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).parent
ROW = re.compile(r"^\| (fail|error|warn|pass|info|skip) \|")
POINT = re.compile(r"^(not )?ok (\d+) - ((?:[^#\\]|\\[#\\])*?)"
                   r"(?: # (SKIP|TODO) (.*))?$")  # fmt: skip
SCALAR = re.compile(r'^(?:  - |    |  )*[a-z]+: "(?:[^"\\]|\\["\\])*"$')


def call_of(result, fail_on_warn=False):
    """What a build makes of a result: good, failure, error, skipped, known."""
    state = (result["expectation"] or {}).get("state")
    verdict = result["verdict"]
    if state == "met":
        return "known"
    if verdict in ("error", "fail"):
        return "error" if verdict == "error" else "failure"
    if verdict == "warn" and fail_on_warn:
        return "failure"
    if verdict == "skip":
        return "skipped"
    return "failure" if state == "unmet" else "good"


def calls(document):
    return collections.Counter(map(call_of, document["results"]))


def troubles(document):
    """How many targets could not be measured, or not to the end."""
    facts = ("not-measured", "sanity", "went-down-during")
    return sum(
        any(fact in target["facts"] for fact in facts)
        for target in document["targets"]
    )


def check_junit(folder, document):
    path = folder / "run.xml"
    subprocess.run(
        ["xmllint", "--noout", "--nonet", "--schema", HERE / "junit.xsd", path],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    root = xml.etree.ElementTree.parse(path).getroot()
    suites = root.findall("testsuite")
    interrupted = document["run"]["interrupted"]
    assert len(suites) == len(document["targets"]) + interrupted
    sums = collections.Counter()
    for suite in suites:
        cases = suite.findall("testcase")
        found = {
            "tests": len(cases),
            "failures": len(suite.findall("testcase/failure")),
            "errors": len(suite.findall("testcase/error")),
            "skipped": len(suite.findall("testcase/skipped")),
        }
        for name, number in found.items():
            assert int(suite.get(name)) == number, (suite.get("name"), name)
        names = [(case.get("classname"), case.get("name")) for case in cases]
        assert len(set(names)) == len(names), "two test cases of one name"
        sums.update(found)
    for name in ("tests", "failures", "errors"):
        assert int(root.get(name)) == sums[name], name
    expected = calls(document)
    assert sums["failures"] == expected["failure"]
    troubled = troubles(document)
    assert sums["errors"] == expected["error"] + troubled + interrupted
    assert sums["skipped"] == expected["skipped"] + expected["known"]


def check_tap(folder, document):
    lines = (folder / "run.tap").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "TAP version 14"
    plan = re.fullmatch(r"1\.\.(\d+)(?: # SKIP .*)?", lines[1])
    found = collections.Counter()
    inside = False
    for line in lines[2:]:
        if inside:
            assert line == "  ..." or line == "  clauses:" or SCALAR.match(line), line
            inside = line != "  ..."
            continue
        if line == "  ---":
            inside = True
            continue
        if line.startswith("Bail out!"):
            assert document["run"]["interrupted"] and line == lines[-1]
            continue
        point = POINT.match(line)
        assert point, line
        found["points"] += 1
        assert int(point[2]) == found["points"], line
        kind = point[4] or ("not ok" if point[1] else "ok")
        assert point[4] != "SKIP" or not point[1], line
        found[kind] += 1
    assert not inside
    troubled = troubles(document)
    assert int(plan[1]) == found["points"]
    assert found["points"] == len(document["results"]) + troubled
    expected = calls(document)
    assert found["SKIP"] == expected["skipped"]
    assert found["TODO"] == expected["known"]
    assert found["not ok"] == expected["failure"] + expected["error"] + troubled


def check_sarif(folder, document):
    import jsonschema

    schema = json.loads((HERE / "sarif.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    log = json.loads((folder / "run.sarif").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    ids = [rule["id"] for rule in rules]
    assert len(set(ids)) == len(ids), "two rules of one id"
    levels = collections.Counter()
    for result in run["results"]:
        levels[result["level"]] += 1
        if "ruleIndex" in result:
            assert ids[result["ruleIndex"]] == result["ruleId"]
    broken = collections.Counter(
        clause["verdict"]
        for result in document["results"]
        for clause in result["clauses"]
    )
    assert levels["error"] >= broken["fail"], levels
    assert levels["warning"] == broken["warn"], levels
    whole = run["invocations"][0]["executionSuccessful"]
    assert whole == (
        not document["run"]["interrupted"] and troubles(document) == 0
    )
    prints = [str(result["partialFingerprints"]) for result in run["results"]]
    assert len(set(prints)) == len(prints), "two results of one fingerprint"


def check_github(folder, document):
    text = (folder / "run.github").read_text(encoding="utf-8")
    kinds = collections.Counter()
    for line in text.splitlines():
        command = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.+)", line)
        assert command, line
        for pair in command[2].split(","):
            assert re.fullmatch(r"(file|line|title)=.*", pair), line
        kinds[command[1]] += 1
    assert max(kinds.values(), default=0) <= 10, kinds
    expected = calls(document)
    bad = expected["failure"] + expected["error"] + troubles(document)
    assert (kinds["error"] > 0) == (bad > 0)
    if bad > 10:
        assert f"::{bad - 9} more of this kind" in text


def check_markdown(folder, document):
    text = (folder / "run.md").read_text(encoding="utf-8")
    outside = re.sub(r"`[^`\n]*`", "", text)
    assert "`" not in outside
    links = re.findall(r"\[\]\(([^)]*)\)", outside)
    for link in links:
        assert re.fullmatch(r"https://[A-Za-z0-9./#_~-]+", link), link
    plain = re.sub(r"\[\]\([^)]*\)", "", outside)
    assert not re.search(r"[<>@\\\[\]&]|http", plain), "text outside of code"
    rows = sum(bool(ROW.match(line)) for line in text.splitlines())
    bad = [r for r in document["results"]
           if call_of(r) in ("failure", "error", "known")
           or r["verdict"] == "warn"]  # fmt: skip
    assert rows == len(bad), (rows, len(bad))
    for line in text.splitlines():
        if ROW.match(line):
            assert outside_of_code(line).count("|") == 5, line


def outside_of_code(line):
    return re.sub(r"`[^`]*`", "", line)


def check_badge(folder, document):
    path = folder / "run.svg"
    subprocess.run(["xmllint", "--noout", "--nonet", path], check=True,
                   timeout=60)  # fmt: skip
    root = xml.etree.ElementTree.parse(path).getroot()
    name = "{http://www.w3.org/2000/svg}"
    words = root.find(f"{name}title").text
    assert root.get("aria-label") == words
    counts = collections.Counter(r["verdict"] for r in document["results"])
    assert f"{counts['pass']} pass, {counts['fail']} fail" in words
    allowed = {name + tag for tag in ("svg", "title", "clipPath", "rect", "g", "text")}
    assert {element.tag for element in root.iter()} <= allowed
    right = max(
        float(text.get("x")) + float(text.get("textLength"))
        for text in root.iter(f"{name}text")
    )
    assert right < float(root.get("width"))


def tshark(path, *args):
    done = subprocess.run(
        ["tshark", "-n", "-r", str(path), *args],
        check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return [line for line in done.stdout.splitlines() if line]


def check_pcapng(folder, document):
    path = folder / "run.pcapng"
    bad = tshark(
        path, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
        "-Y", "tcp.checksum.status != 1 or ip.checksum.status != 1",
    )  # fmt: skip
    assert not bad, bad[:3]
    logged = {
        (result["target"], result["case"], event["connection"])
        for result in document["results"]
        for event in result["wire"]["events"]
    }
    opened = tshark(path, "-Y", "tcp.flags.syn == 1 and tcp.flags.ack == 0")
    assert len(opened) == len(logged), (len(opened), len(logged))
    octets = sum(
        len(event["hex"]) // 2
        for result in document["results"]
        for event in result["wire"]["events"]
    )
    lengths = tshark(path, "-T", "fields", "-e", "tcp.len")
    assert sum(map(int, lengths)) == octets


def check_wire(folder):
    """What Wireshark makes of a whole conversation."""
    bad = tshark(folder / "run.pcapng", "-Y", "_ws.malformed")
    assert not bad, bad[:3]
    fields = tshark(
        folder / "run.pcapng", "-Y", "websocket.opcode == 9 or "
        "websocket.opcode == 10 or websocket.opcode == 8",
        "-T", "fields", "-e", "websocket.opcode", "-e", "websocket.mask",
        "-e", "tcp.srcport",
    )  # fmt: skip
    ends = [line.split("\t") for line in fields]
    assert [end[0] for end in ends] == ["9", "10", "8", "8"], fields
    assert [end[1] for end in ends] in (
        ["1", "0", "1", "0"], ["True", "False", "True", "False"]), fields
    assert [end[2] == "80" for end in ends] == [False, True, False, True]
    responses = tshark(folder / "run.pcapng", "-Y", "http.response.code == 101")
    assert len(responses) == 2
    resets = tshark(folder / "run.pcapng", "-Y", "tcp.flags.reset == 1")
    assert len(resets) == 1
    comments = tshark(folder / "run.pcapng", "-Y", "frame.comment",
                      "-T", "fields", "-e", "frame.comment")  # fmt: skip
    assert "control.pong-payload" in comments[0], comments
    times = tshark(folder / "run.pcapng", "-T", "fields", "-e",
                   "frame.time_epoch")  # fmt: skip
    assert times == sorted(times, key=float)


def check_autobahn(folder, document):
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    assert len(index) == len(document["targets"])
    behaviors = {None, "OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED"}
    closes = {None, "OK", "FAILED", "UNCLEAN", "WRONG CODE", "FAILED BY CLIENT",
              "INFORMATIONAL"}  # fmt: skip
    for cases in index.values():
        for case, item in cases.items():
            assert item["behavior"] in behaviors, item
            assert item["behaviorClose"] in closes, item
            assert isinstance(item["duration"], int)
            assert item["remoteCloseCode"] is None or (
                0 <= item["remoteCloseCode"] <= 65535)
            assert re.fullmatch(r"[a-z0-9_]+\.json", item["reportfile"])
            details = json.loads((folder / item["reportfile"]).read_text())
            assert details[case]["behavior"] == item["behavior"]


def main(folder):
    try:
        import jsonschema  # noqa: F401
    except ImportError:
        return 77
    if shutil.which("xmllint") is None or shutil.which("tshark") is None:
        return 77
    document = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    for check in (check_junit, check_tap, check_sarif, check_github,
                  check_markdown, check_badge, check_pcapng,
                  check_autobahn):  # fmt: skip
        check(folder, document)
    if document["results"][0]["case"] == "control.pong-payload":
        check_wire(folder)
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1])))
