"""Adding an activation function touches one file.

The project is built with the definition that the examples add, and the function is then listed,
explained, evaluated in every tier and held to its claims like all others.
"""
# SPDX-License-Identifier: Apache-2.0

import json
import math
import os
import random
import re
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def extended(root, built):
    """The command line and the tests that hold every function to its word, with one more definition."""
    definition = root / "examples" / "ramped_softsign.h"
    charts = Path(os.environ.get("GRADKEEP_BUILD", root / "build")) / "report" / "charts" / "dist"
    bundle = [f"-DGRADKEEP_CHARTS_BUNDLE={charts}"] if charts.is_dir() else []
    return built(root, root / "build-extended", "-DCMAKE_BUILD_TYPE=Release",
                 "-DGRADKEEP_BUILD_TESTS=ON", f"-DGRADKEEP_EXTRA_FUNCTIONS={definition}", *bundle,
                 targets=["gradkeep_cli", "check_accuracy_test", "check_properties_test"])


@pytest.fixture(scope="module")
def gradkeep(extended, execute):
    def run(*words):
        verb, *rest = words  # what follows a "--" among them is a number
        return json.loads(execute(extended / "cli" / "gradkeep", verb, "--json", *rest))

    return run


def test_it_is_listed_and_explained(gradkeep, cli, execute):
    before = {f["name"] for f in json.loads(execute(cli, "list", "--json"))["functions"]}
    after = {f["name"] for f in gradkeep("list")["functions"]}
    assert after - before == {"ramped_softsign"}
    assert "(x + x / (1 + |x|)) / 2" in json.dumps(gradkeep("show", "ramped_softsign"))
    assert gradkeep("show", "RampedSoftsign")["function"] == "ramped_softsign"


def points():
    rng = random.Random(7)
    return [sign * math.ldexp(rng.uniform(1, 2), rng.randint(-149, 127))
            for sign in (-1, 1) for _ in range(150)] + [0.0, 1.0, -1.0]


@pytest.mark.parametrize("order", [0, 1])
def test_exact_is_truth(gradkeep, order):
    xs = [repr(x) for x in points()]
    bits = {tier: [row["bits"] for row in gradkeep("eval", "ramped_softsign", "--order", str(order),
                                                   "--tier", tier, "--", *xs)["results"]]
            for tier in ("exact", "truth")}
    assert bits["exact"] == bits["truth"]


@pytest.mark.parametrize("test, cases", [
    ("check_accuracy_test", 6),  # two types, three orders: as claimed in fast, rounded in exact
    ("check_properties_test", 15)])
def test_it_is_held_to_its_word(extended, execute, test, cases):
    told = execute(extended / "tests" / "check" / test, "--gtest_filter=*ramped_softsign*",
                   env=os.environ | {"GRADKEEP_SAMPLES": "thin"})
    passed = re.search(r"\[  PASSED  \] (\d+) tests", told)
    assert passed and int(passed[1]) >= cases, told


def test_the_chain_rule_knows_it(gradkeep):
    chain = gradkeep("chain", "ramped_softsign", "--layers", "2")
    assert chain["slope_max"] == 1 and chain["bound"] == 1


def test_the_definition_is_all_there_is(root, own_files):
    named = [file for file in own_files if "ramped_softsign" in file.read_text()]
    assert {str(file.relative_to(root)) for file in named} == {
        "examples/CMakeLists.txt", "examples/060-your-own-function.cc",
        "examples/ramped_softsign.h", "tests/house/test_add_function.py"}
