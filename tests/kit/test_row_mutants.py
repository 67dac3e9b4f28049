"""librow_mutants.so (tests/kit/mutants/rows.cc): functions of rows and gated ones with one bug each, which the
conformance kit has to find, and some that look odd and are right, which it has to pass. As with the others
(test_mutants.py), a third of them in turn; a bug that shows at the smallest budget shows at any."""
# SPDX-License-Identifier: Apache-2.0

import pytest
from test_mutants import BUILD, at_once, in_turn, load, rows

FILE = BUILD / "tests" / "kit" / "mutants" / "librow_mutants.so"
HOW = ["--types", "f32", "--budget", "0.01s"]


@pytest.fixture(scope="module")
def library():
    return load(FILE)


def test_there_are_as_many_as_were_promised(library):
    assert len(rows(library, True)) >= 40
    assert len(rows(library, False)) >= 4


def test_every_bug_is_found(check, library):
    def verdict(name, functions):
        status, text = check(FILE, *functions, *HOW, MUTANT=name)
        return status == 1 and "not conform" in text and "no answer" not in text

    bugs = in_turn(rows(library, True))
    assert [name for (name, _), found in zip(bugs, at_once(verdict, bugs)) if not found] == []


def test_what_is_right_raises_no_alarm(check, library):
    def verdict(name, functions):
        status, text = check(FILE, *functions, *HOW, MUTANT=name)
        return status == 0 and "\nconforms (" in text or text

    assert [v for v in at_once(verdict, in_turn(rows(library, False))) if v is not True] == []
