#!/usr/bin/python3
"""classes.py finds each way in which the table and the tags disagree."""

import unittest

import classes


def table(**rows):
    lines = []
    for number in range(1, classes.NUM_CLASSES + 1):
        cell = rows.get(f"row{number}", "clients are not tested yet")
        if cell is not None:
            lines.append(f"| {number} | something breaks | {cell} |")
    return "\n".join(lines)


def case(name, *tags):
    return {"id": name, "tags": list(tags)}


class Classes(unittest.TestCase):
    def wrong(self, text, *cases):
        return "\n".join(classes.check(text, cases))

    def test_agreement(self):
        text = table(row3="`robustness.a`, `length.b`")
        tagged = case("robustness.a", "robustness", "class:3")
        self.assertEqual(self.wrong(text, tagged, case("length.b")), "")

    def test_row_is_missing(self):
        self.assertIn("not the classes", self.wrong(table(row9=None)))

    def test_row_says_nothing(self):
        self.assertIn("class 9: neither", self.wrong(table(row9="later")))

    def test_case_does_not_exist(self):
        self.assertIn("no case length.b", self.wrong(table(row9="`length.b`")))

    def test_tag_without_row(self):
        tagged = case("robustness.a", "robustness", "class:3")
        self.assertIn("not in its row", self.wrong(table(), tagged))

    def test_row_without_tag(self):
        text = table(row3="`robustness.a`", row4="`robustness.a`")
        tagged = case("robustness.a", "robustness", "class:3")
        self.assertIn("in row 4 without", self.wrong(text, tagged))

    def test_case_of_no_class(self):
        self.assertIn("of no class", self.wrong(table(), case("robustness.a", "robustness")))


if __name__ == "__main__":
    unittest.main()
