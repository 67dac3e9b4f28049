"""The golden values against mpmath itself: the committed file is what the tool makes, and the slopes
in it, written by hand there, are what numerical differentiation of the values finds."""
# SPDX-License-Identifier: Apache-2.0

import importlib.util
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

mpmath = pytest.importorskip("mpmath")


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("golden", ROOT / "tools/make_golden_functions.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_file_is_what_the_tool_makes(tool):
    committed = (ROOT / "tests/check/golden_functions.txt").read_text().splitlines()[1:]
    cases = list(tool.cases())
    assert len(committed) == len(cases)
    for text, case in list(zip(committed, cases))[::7]:
        assert text == tool.line(*case)


def test_slopes_and_curvatures_are_derivatives(tool):
    checked = 0
    with mpmath.workdps(100):
        for name, function, parameters, x in tool.cases():
            at_kink = abs(x) in {0.0, 1.0, 2.0, 3.0, *(abs(p) for p in parameters)}
            if at_kink or not 1e-3 < abs(x) < 20 or 0.999 < abs(x) < 1.001:
                continue
            bound = [mpmath.mpf(p) for p in parameters]
            results = function(mpmath.mpf(x), *bound)
            if mpmath.isnan(results[0]):  # outside the domain
                assert all(mpmath.isnan(r) for r in results), (name, x)
                continue
            for order in (1, 2):
                derivative = mpmath.diff(lambda v: function(v, *bound)[0], x, order)
                assert mpmath.almosteq(derivative, results[order], 1e-25, 1e-25), (name, x, order)
            for k in range(len(parameters)):
                slope = mpmath.diff(
                    lambda p: function(mpmath.mpf(x), *bound[:k], p, *bound[k + 1 :])[0], bound[k]
                )
                assert mpmath.almosteq(slope, results[3 + k], 1e-25, 1e-25), (name, x, k)
            checked += 1
    assert checked > 400


def test_points_cover_tails_subnormals_and_kinks(tool):
    assert 0.0 in tool.POINTS and 5e-324 in tool.POINTS and -745.2 in tool.POINTS
    assert {0.9999999999999999, 1.0, 1.0000000000000002} <= set(tool.POINTS)
