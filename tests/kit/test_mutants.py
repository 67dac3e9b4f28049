"""libmutants.so (tests/kit/mutants): implementations with one bug each, which the conformance kit has to
find, and some that look odd and are right, which it has to pass."""
# SPDX-License-Identifier: Apache-2.0

import ctypes
import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GRADKEEP_BUILD", ROOT / "build"))


@pytest.fixture(scope="module")
def library():
    file = BUILD / "tests" / "kit" / "mutants" / "libmutants.so"
    assert file.is_file(), f"{file} is missing: ninja kit_mutants makes it"
    loaded = ctypes.CDLL(file)
    for text in (loaded.mutant_name, loaded.mutant_functions):
        text.restype, text.argtypes = ctypes.c_char_p, [ctypes.c_size_t]
    loaded.mutant_is_bug.restype, loaded.mutant_is_bug.argtypes = ctypes.c_bool, [ctypes.c_size_t]
    return loaded


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
