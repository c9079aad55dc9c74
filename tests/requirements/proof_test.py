#!/usr/bin/python3
"""proof.py finds each way in which table and tests can disagree."""

import contextlib
import csv
import io
import json
import pathlib
import tempfile
import unittest

import proof

SOURCE = """
/* WHATWG-close-01, 6455-7.1.5-01: said in passing */
static void codes(void **state) {
}

/* WHATWG-close-02
 * WHATWG-close-01 */
static void reasons(void **state) {
}

static void nothing_above(void **state) {
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(codes), cmocka_unit_test(nothing_above),
      RIG_TEST(reasons),
  };
}
"""
FILE = "tests/lib/close_test.c"
CODES, REASONS = FILE + ":codes", FILE + ":reasons"
REASON = "none: browsers alone have such a thing"
# A blackbox row and three that are not.
TABLE = {
    "6455-5.2-01": "",
    "WHATWG-close-01": f"{CODES} {REASONS}",
    "WHATWG-close-02": REASONS,
    "6455-7.1.5-01": CODES,
    "6455-4.1-12": REASON,
}


def rows(**changes):
    table = {**TABLE, **changes}
    return [
        {
            "id": name,
            "testable": "blackbox-both" if "5.2" in name else "lib-only",
            "tests": tests,
        }
        for name, tests in table.items()
    ]


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.put(FILE, SOURCE)

    def put(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def put_table(self, table):
        text = io.StringIO()
        writer = csv.DictWriter(text, table[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
        self.put(proof.TABLE, text.getvalue())

    def check(self, table, compiled=None):
        return proof.check(table, proof.Tests(self.root), compiled)

    def run_main(self, *options):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            proof.main([*options, str(self.root)])
        return said.getvalue()


class Proof(Tree):
    def test_agreement(self):
        self.assertEqual(self.check(rows()), [])

    def test_each_disagreement_is_named(self):
        for row, tests, words in (
            ("6455-7.1.5-01", "", "has neither a test nor a reason"),
            ("6455-7.1.5-01", FILE + ":gone", "there is no test"),
            ("6455-7.1.5-01", "codes", "there is no test"),
            ("WHATWG-close-02", f"{REASONS} {CODES}", "does not name the row"),
            ("WHATWG-close-01", CODES, "does not name that test"),
            ("WHATWG-close-01", REASON, "and yet a test"),
            ("6455-4.1-12", "none: no", "no reason to speak of"),
            ("6455-5.2-01", CODES, "is not lib-only"),
        ):
            with self.subTest(row=row, tests=tests):
                wrong = self.check(rows(**{row: tests}))
                self.assertIn(row, wrong[0])
                self.assertIn(words, wrong[0])

    def test_a_test_must_be_registered(self):
        self.put(FILE, SOURCE.replace("cmocka_unit_test(codes),", ""))
        self.assertIn("not registered", self.check(rows())[0])

    def test_a_comment_must_touch_its_function(self):
        self.put(FILE, SOURCE.replace("passing */\n", "passing */\n\n"))
        self.assertIn("does not name the row", self.check(rows())[0])

    def test_a_comment_names_rows_that_exist(self):
        self.put(FILE, SOURCE.replace("7.1.5-01", "7.1.5-99"))
        self.assertIn("there is no 6455-7.1.5-99", self.check(rows())[0])

    def test_a_file_must_be_compiled(self):
        self.assertEqual(self.check(rows(), {FILE}), [])
        self.assertIn("not compiled", self.check(rows(), set())[0])

    def test_a_table_without_such_rows_checks_nothing(self):
        self.assertIn("nothing was checked", self.check(rows()[:1])[-1])


class Command(Tree):
    def test_compiled_files_are_read_from_the_build(self):
        self.put_table(rows())
        build = self.root / "build.json"
        command = {"directory": str(self.root / "build"), "file": "../" + FILE}
        build.write_text(json.dumps([command]))
        said = self.run_main("--compiled", str(build))
        self.assertIn("4 requirements, 3 shown", said)
        build.write_text("[]")
        with self.assertRaisesRegex(SystemExit, "not compiled"):
            self.run_main("--compiled", str(build))

    def test_the_column_is_written_from_the_comments(self):
        empty = {name: "" for name in TABLE}
        self.put_table(rows(**{**empty, "6455-4.1-12": REASON}))
        self.run_main("--write")
        written = proof.read_table(self.root / proof.TABLE)
        self.assertEqual(written, rows())


if __name__ == "__main__":
    unittest.main()
