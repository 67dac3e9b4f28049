"""libmutants.so (tests/kit/mutants): implementations with one bug each, which the conformance kit has to
find at its default budget, and some that look odd and are right, which it has to pass.

A budget adds inputs to those that are always visited, and a report is made of rows that know nothing of
each other. So a bug that shows in one row at the smallest budget shows in all rows at any budget."""
# SPDX-License-Identifier: Apache-2.0

import concurrent.futures
import ctypes
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GRADKEEP_BUILD", ROOT / "build"))
FILE = BUILD / "tests" / "kit" / "mutants" / "libmutants.so"
# Where a bug may show (--only, --types), those that show most of them first.
PLACES = [("value", "f32"), ("slope", "f32"),
          ("curvature,slope_from_output,curvature_from_output,parameter_slope", "f32"), ("value,slope", "f16,bf16"),
          ("value,slope", "f64")]
# The one that the kit stops at a page that nobody may touch; others have no reason to end early.
CRASHES = {"one_too_many"}


def load(file):
    assert file.is_file(), f"{file} is missing: ninja makes it"
    loaded = ctypes.CDLL(file)
    for text in (loaded.mutant_name, loaded.mutant_functions):
        text.restype, text.argtypes = ctypes.c_char_p, [ctypes.c_size_t]
    loaded.mutant_is_bug.restype, loaded.mutant_is_bug.argtypes = ctypes.c_bool, [ctypes.c_size_t]
    return loaded


@pytest.fixture(scope="module")
def library():
    return load(FILE)


def rows(library, bugs):
    """(name, functions) of the bugs, or of those that are right."""
    names = []
    while name := library.mutant_name(len(names)):
        names.append(name.decode())
    assert len(set(names)) == len(names)
    return [(name, library.mutant_functions(k).decode().split()) for k, name in enumerate(names)
            if library.mutant_is_bug(k) == bugs]


def test_there_are_as_many_as_were_promised(library):
    assert len(rows(library, True)) >= 40
    assert len(rows(library, False)) >= 10


@pytest.mark.parametrize("bugs", [True, False])
def test_every_mutant_answers_for_its_functions(library, bugs, monkeypatch):
    x, out = (ctypes.c_float * 2)(0.5, 1), (ctypes.c_float * 2)()
    for name, functions in rows(library, bugs):
        # The library sees this process's environment, which monkeypatch restores.
        monkeypatch.setenv("MUTANT", name)
        for function in ["elu" if word == "*" else word for word in functions]:
            assert library.gradkeep_evaluate(function.encode(), 0, 0, 0, x, out,
                                             ctypes.c_size_t(1)) == 0, (name, function)
    monkeypatch.setenv("MUTANT", "none of them")
    assert library.gradkeep_evaluate(b"elu", 0, 0, 0, x, out, ctypes.c_size_t(1)) != 0


def parts(only="", types=""):
    return [*(["--only", only] if only else []), *(["--types", types] if types else []),
            "--tolerance", "2ulp", "--budget", "0.01s"]


def in_turn(items):
    """A third of them, another one with each commit; all with GRADKEEP_MUTANTS=all."""
    if os.environ.get("GRADKEEP_MUTANTS") == "all":
        return items
    count = subprocess.run(["git", "-C", ROOT, "rev-list", "--count", "HEAD"], capture_output=True,
                           text=True, check=False).stdout.strip()
    return items[int(count or 0) % 3::3]


def at_once(work, items):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda item: work(*item), items))


def test_every_bug_is_found(check, library):
    def verdict(name, functions):
        for only, types in PLACES:
            status, text = check(FILE, *functions, *parts(only, types), MUTANT=name)
            if status != 0 and "\nnothing to check" not in text:
                return status if ("no answer" in text) == (name in CRASHES) else text
        return 0

    bugs = in_turn(rows(library, True))
    verdicts = dict(zip((name for name, _ in bugs), at_once(verdict, bugs)))
    assert {name: verdict for name, verdict in verdicts.items() if verdict != 1} == {}


def test_what_is_right_raises_no_alarm(check, library):
    # All that a bug is shown on is right without it.
    subjects = {word.partition("(")[0] for _, functions in rows(library, True)
                for word in functions}
    asked = [(name, functions, parts()) for name, functions in rows(library, False)
             if functions != ["*"]]
    asked += [(name, [function], parts("value,slope", "f32,bf16")) for name, functions
              in rows(library, False) if functions == ["*"] for function in sorted(subjects)]

    def verdict(name, functions, how):
        status, text = check(FILE, *functions, *how, MUTANT=name)
        return status == 0 and "\nconforms (" in text or text

    assert [verdict for verdict in at_once(verdict, in_turn(asked)) if verdict is not True] == []
