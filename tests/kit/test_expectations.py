"""What PyTorch's and ONNX's own tests expect of activations, held against gradkeep through the dialects.

The expectations come from the packages themselves, in whichever Python has them: one that
GRADKEEP_FRAMEWORKS names, or the one that runs pytest. PyTorch's tests need expecttest and scipy too.
Tolerances are those of the projects.
"""
# SPDX-License-Identifier: Apache-2.0

import collections
import math
import subprocess

import agreement
import dialects
import expectations
import framework_targets as targets
import gradkeep_c
import numpy as np
import onnx_calls
import pytest
import torch_calls
from expectations import wide

TORCH_TESTS, ONNX_TESTS = targets.EXPECTATIONS
TYPES = ("float32", "float64", "float16", "bfloat16")
HALVES = ("float16", "bfloat16")


def written_by(program, folder, *words):
    """The cases that a program beside this file writes down, in a Python that has its packages."""
    file = targets.ROOT / "tests" / "kit" / f"{program.file}.py"
    done = subprocess.run([targets.python_for(program), str(file), str(folder), *words],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return expectations.load(folder)


@pytest.fixture(scope="module")
def library():
    return gradkeep_c.Library()


def close(got, want, rtol, atol):
    with np.errstate(all="ignore"):
        same = (got == want) | (np.isnan(got) & np.isnan(want))
        return same | (np.isfinite(want) & (np.abs(got - want) <= atol + rtol * np.abs(want)))


# ONNX: node tests that are about something else than a function of floating-point numbers.
INTEGERS = {f"test_clip_default_int8_{which}" for which in ("min", "max", "inbounds")}
NO_ARRAYS = {"test_identity_sequence", "test_identity_opt"}
REFUSED = {"test_clip_min_greater_than_max"}


@pytest.fixture(scope="module")
def nodes(tmp_path_factory):
    cases = written_by(ONNX_TESTS, tmp_path_factory.mktemp("onnx"), *sorted(onnx_calls.OPERATORS))
    return {case["test"]: case for case in cases}


def test_every_node_test_agrees(nodes, library):
    wrong = []
    for name in sorted(set(nodes) - INTEGERS - NO_ARRAYS - REFUSED):
        case = nodes[name]
        got, want = onnx_calls.answer(library, case), case["arrays"]["y"]
        assert got.dtype == want.dtype, name
        # ONNX's own runner gives bfloat16 two units in the last place.
        rtol = max(case["rtol"], 2**-6) if want.dtype == np.uint16 else case["rtol"]
        got, want = wide(got), wide(want)
        if got.shape != want.shape or not close(got, want, rtol, case["atol"]).all():
            wrong.append((name, got, want))
    assert wrong == []


def test_no_operator_with_a_node_test_was_left_out(nodes):
    left_out = INTEGERS | NO_ARRAYS | REFUSED
    assert left_out <= set(nodes)
    ran = {case["operator"] for name, case in nodes.items() if name not in left_out}
    # Microsoft's is in no standard, so that no node test knows it.
    assert onnx_calls.OPERATORS - ran == {"com.microsoft.QuickGelu"}
    for name in INTEGERS:
        assert nodes[name]["arrays"]["x0"].dtype == np.int8
    for name in NO_ARRAYS:
        assert "y" not in nodes[name]["arrays"] or "x0" not in nodes[name]["arrays"]


def test_a_clamp_with_its_bounds_exchanged_is_refused(nodes, library):
    for name in REFUSED:
        with pytest.raises(ValueError, match="min is above max; expected min <= max"):
            onnx_calls.answer(library, nodes[name])


# PyTorch, in types of 16 bits: results that it gets from numbers which were rounded to the type on the
# way, so that they are off by more than its own tolerance. gradkeep's have to be what PyTorch says in
# float64 of the same numbers.
ROUNDED_ON_THE_WAY = {
    ("glu", "dx"): "from the gate's sigmoid",
    ("sigmoid", "dx"): "y (1 - y) from y",
    ("tanh", "dx"): "1 - y^2 from y",
    ("tanhshrink", "value"): "x - tanh(x)",
    ("tanhshrink", "dx"): "1 - (1 - y^2)",
    ("softsign", "dx"): "an operation for each step of the formula",
    ("erf", "dx"): "an operation for each step of the formula",
    ("prelu", "dweight"): "a sum of rounded addends",
    ("softmax", "dx"): "from y",
    ("softmax2d", "dx"): "from y",
    ("softmin", "dx"): "from y",
    ("logsoftmax", "value"): "x less the logarithm of a sum",
    ("logsoftmax", "dx"): "from y",
}
# Arguments that gradkeep takes for a mistake: (function, argument, value).
NOT_TAKEN = {("hardshrink", "lambd", -0.5)}
# What no test of PyTorch's is about: a name from another package, and a function without a formula.
UNTESTED = {"hard_mish", "identity"}

Result = collections.namedtuple("Result", "called what case got want wide text")


def what_rounding_y_costs(result):
    """gradkeep's gradients of rows are from y too, rounded once: a bound of what that does to them,
    with half a unit for each y and for the result."""
    y, dy = (wide(result.case["arrays"][name]) for name in ("wide_value", "dy"))
    half_unit = {"float16": 2**-11, "bfloat16": 2**-8}[result.case["dtype"]]
    axis = -3 if result.called == "softmax2d" else result.case["arguments"]["dim"]
    if y.ndim == 0:
        y, dy, axis = y.reshape(1), dy.reshape(1), 0
    if result.called == "logsoftmax":
        sizes = np.exp(y) * np.abs(y) * np.abs(dy.sum(axis, keepdims=True)) + np.abs(result.wide)
        return half_unit * sizes
    rows, slopes = np.moveaxis(y, axis, -1), np.moveaxis(dy, axis, -1)
    apart = np.abs(slopes[..., :, None] - slopes[..., None, :])
    sizes = rows * (rows[..., None, :] * apart).sum(-1)
    return 3 * half_unit * np.moveaxis(sizes, -1, axis)


@pytest.fixture(scope="module")
def pytorch(tmp_path_factory, library):
    """Every case with gradkeep's answer, and the calls that gradkeep refused."""
    results, refused = [], []
    for case in written_by(TORCH_TESTS, tmp_path_factory.mktemp("torch")):
        call = torch_calls.Call(library, case)
        try:
            answers = call.answers()
        except ValueError as error:
            refused.append((call.called, case["arguments"], str(error)))
            continue
        for name, what in (("value", "value"), ("reference", "value"), ("dx", "dx"),
                           ("dweight", "dweight")):
            if name in case["arrays"]:
                got = wide(answers[what])
                want = wide(case["arrays"][name]).reshape(got.shape)
                more = wide(case["arrays"].get(f"wide_{name}", want)).reshape(got.shape)
                results.append(Result(call.called, name, case, got, want, more, call.text))
    return results, refused


def deviates(result, x):
    """Whether the dialect says that PyTorch does otherwise than it means at x, or at the number that x
    is in bfloat16."""
    name = torch_calls.FUNCTIONS.get(result.called)
    order = "slope" if result.what == "dx" else "value"
    return any(name in entry["functions"] and entry["what"] == order and
               any(math.isclose(x, listed, rel_tol=2**-8) for listed in entry["x"])
               for entry in torch_calls.DIALECT["deviations"]
               if dialects.holds_for(entry, used=result.case["version"]))


def truth_of(result, x, dy):
    [truth] = agreement.truths(result.text, "slope" if result.what == "dx" else "value", (x,))
    return truth * dy if result.what == "dx" else truth


def complaints(result):
    """Where gradkeep is not what PyTorch's test expects, and no known reason says why."""
    case = result.case
    rtol, atol = case["rtol"], case["atol"]
    wrong = ~close(result.got, result.want, rtol, atol)
    if case["dtype"] in HALVES and (result.called, result.what) in ROUNDED_ON_THE_WAY:
        if result.called in torch_calls.ROWS and result.what == "dx":
            atol = atol + what_rounding_y_costs(result)
        wrong &= ~close(result.got, result.wide, rtol, atol)
    for place in np.argwhere(np.atleast_1d(wrong)).tolist():
        def there(numbers):
            return np.atleast_1d(numbers)[tuple(place)].item()

        got, want, x = there(result.got), there(result.want), math.nan
        if result.what != "dweight" and result.called not in torch_calls.ROWS:
            x, dy = (there(wide(case["arrays"][name])) for name in ("x", "dy"))
        if not deviates(result, x) or not dialects.same(got, truth_of(result, x, dy)):
            yield (f"{result.what} of {result.called} {case['arguments']} at {x!r}: {got!r}, "
                   f"PyTorch expects {want!r}")


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("what", ["value", "reference", "dx", "dweight"])
def test_pytorchs_tests_agree(pytorch, what, dtype):
    asked = [result for result in pytorch[0]
             if result.what == what and result.case["dtype"] == dtype]
    # PyTorch asks its references in the types that they are written for.
    assert asked or (what == "reference" and dtype in HALVES)
    assert [line for result in asked for line in complaints(result)][:20] == []


def test_all_of_pytorchs_activations_were_asked(pytorch):
    asked = {(result.called, result.case["dtype"]) for result in pytorch[0]}
    wanted = {key for key, name in torch_calls.FUNCTIONS.items() if name not in UNTESTED}
    wanted |= {*torch_calls.ROWS, "glu"}
    # PyTorch has no rrelu of float16 on a CPU.
    assert {(key, dtype) for key in wanted for dtype in TYPES} - asked == {("rrelu", "float16")}
    assert {key for key, _ in asked} == wanted


def test_what_gradkeep_refuses_is_known(pytorch):
    _, refused = pytorch
    assert all("lambda is -0.5; expected a value in [0, inf)" in error for _, _, error in refused)
    assert {(called, *pair) for called, arguments, _ in refused
            for pair in arguments.items()} == NOT_TAKEN


def test_every_known_rounding_is_still_there(pytorch):
    met = {(result.called, result.what) for result in pytorch[0] if result.case["dtype"] in HALVES and not
           close(result.got, result.want, result.case["rtol"], result.case["atol"]).all()}
    assert set(ROUNDED_ON_THE_WAY) - met == set()
