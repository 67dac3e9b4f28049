"""kit/frameworks: the conversation that its programs share, and that what they answer for one of
gradkeep's functions is that function, with the parameters that were asked for."""
# SPDX-License-Identifier: Apache-2.0

import functools
import json
import os
import pathlib
import subprocess
import sys

import framework_targets as targets
import numpy as np
import pytest

# A framework of three operations over NumPy, one of which fails and one of which talks.
SMALL = f"""
import sys
sys.path.insert(0, {str(targets.FRAMEWORKS)!r})
import answer
import numpy as np

def broken(x):
    raise RuntimeError("first line\\nsecond line")

def chatty(x):
    print("hello")
    return x

def calculate(f, x, order):
    if order:
        raise NotImplementedError("no slopes")
    return f(x)

answer.serve(answer.Framework(
    title="Small 1.0", calculate=calculate, tensor=lambda x: x,
    operations={{"elu": lambda x, alpha: (alpha * x).astype(x.dtype), "broken": broken, "chatty": chatty,
                 "wide": lambda x: x.astype("f8"), "hard_tanh": answer.fixed(chatty, -1, 1)}},
    rows={{"share": lambda x, axis: x / x.sum(axis, keepdims=True), "short": lambda x, axis: x[:1]}},
    gated={{"glu": ("second", lambda x, axis: np.multiply(*np.split(x, 2, axis)))}},
    pull_back=lambda f, x, dy: x * np.resize(dy, x.shape),
    from_output={{"elu": lambda dy, y, alpha: dy * (y + alpha)}}, learned=frozenset({{"elu"}}),
    lacks=lambda error: isinstance(error, NotImplementedError)))
"""


@pytest.fixture
def small(tmp_path):
    (tmp_path / "small.py").write_text(SMALL)
    target = targets.Target(sys.executable, tmp_path / "small.py", stderr=subprocess.PIPE)
    yield target
    if target.process.poll() is None:
        target.end()


@pytest.mark.parametrize("dtype", ["<f4", "<f8", "<f2"])
def test_an_array_comes_back_in_its_type(small, dtype):
    for x in ([], [1.5], [-0.0, 1, np.inf, 2.5]):
        x = np.array(x, dtype)
        y = small.ask("value elu(alpha=0.5)", x)
        assert y.dtype == x.dtype and np.array_equal(y, x * x.dtype.type(0.5))


def test_bfloat16_is_two_bytes_that_numpy_does_not_know(small):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = np.array([1.5, -2], ml_dtypes.bfloat16)
    y = small.ask("value elu(alpha=2)", x)
    assert y.dtype == x.dtype and y.tolist() == [3, -4]


def test_what_is_not_there_is_unsupported(small):
    x = np.ones(3, "f4")
    assert small.ask("value gelu", x) == "unsupported no gelu"
    assert small.ask("slope elu(alpha=1)", x) == "unsupported NotImplementedError: no slopes"
    assert small.ask("slope_from_output broken", x) == "unsupported no broken"
    assert small.ask("curvature_from_output elu(alpha=1)", x).startswith("unsupported ")
    assert small.ask("parameter_slope_1 elu(alpha=1)", x).startswith("unsupported ")
    assert small.ask("parameter_slope_0 hard_tanh(min=-1,max=1)", x).startswith("unsupported ")
    assert small.ask("value hard_tanh(min=-2,max=1)", x).startswith("unsupported ")


def test_a_fault_is_one_line(small):
    x = np.ones(3, "f4")
    assert small.ask("value broken", x) == "error RuntimeError: first line second line"
    assert small.ask("value wide", x) == "error ValueError: float64 (3,) came back for float32 (3,)"
    assert small.ask("value 2+2", x).startswith("error ValueError: no function '2+2'; expected")
    assert small.ask("integral elu(alpha=1)", x) == "error ValueError: no question 'integral'"
    # and the conversation goes on
    assert small.ask("describe -", np.zeros(0, "f4")) == "Small 1.0"


def test_what_a_library_prints_stays_out(small):
    assert small.ask("value chatty", np.ones(2, "f4")).tolist() == [1, 1]
    assert small.end() == "hello\n"


def test_slopes_from_the_output_and_in_a_parameter(small):
    y = np.array([-0.5, 0.25], "f8")
    assert small.ask("slope_from_output elu(alpha=2)", y).tolist() == [1.5, 2.25]
    assert small.ask("parameter_slope_0 elu(alpha=2)", y).startswith("unsupported NotImpl")


def test_rows_are_asked_along_an_axis(small):
    x = np.array([[1, 3], [1, 1]], "f4")
    assert small.ask("value share(axis=1)", x).tolist() == [[0.25, 0.75], [0.5, 0.5]]
    assert small.ask("value share(axis=0)", x).tolist() == [[0.5, 0.75], [0.5, 0.25]]
    assert small.ask("value glu(gate=second,axis=1)", x).tolist() == [[3], [1]]
    assert small.ask("value glu(gate=second,axis=0)", x).tolist() == [[1, 3]]
    # x and then dy
    assert small.ask("backward share(axis=1)", x).tolist() == [[3], [1]]
    assert small.ask("backward share(axis=0)", x).tolist() == [[1, 3]]
    assert small.ask("backward glu(gate=second,axis=0)", np.array([[1], [2], [3]], "f4")).tolist() == [[3], [6]]


def test_what_is_wrong_with_rows_is_one_line(small):
    x = np.ones((2, 2), "f4")
    assert small.ask("value softmax(axis=1)", x) == "unsupported no softmax"
    assert small.ask("value glu(gate=first,axis=1)", x) == "unsupported glu takes its gate from the second half"
    assert small.ask("slope share(axis=1)", x) == "error ValueError: no question 'slope' about rows"
    assert small.ask("value short(axis=1)", x) == "error ValueError: float32 (1, 2) came back for float32 (2, 2)"
    assert small.ask("value share(axis=1)", np.ones((0, 4), "f4")).shape == (0, 4)


def test_a_framework_answers_for_rows(framework, request):
    """Of the functions that it has, values and gradients as the textbook has them; along both axes."""
    x = np.array([[0.3, -1.2, 2.5, 0.9], [1, -0.5, 0.25, 3]], "f4")
    dy = np.array([[1, -2, 0.5, 0.25], [0.3, 0.1, -1, 2]], "f4")
    e = np.exp(x)
    y = e / e.sum(1, keepdims=True)
    value, gate = x[:, :2], 1 / (1 + np.exp(-x[:, 2:]))
    two = dy[:, :2]
    expected = {
        "softmax(axis=1)": (y, y * (dy - (y * dy).sum(1, keepdims=True)), dy),
        "log_softmax(axis=1)": (np.log(y), dy - y * dy.sum(1, keepdims=True), dy),
        "hardmax(axis=1)": (np.array([[0, 0, 1, 0], [0, 0, 0, 1]]), None, dy),
        "glu(gate=second,axis=1)": (value * gate, np.hstack((two * gate, two * value * gate * (1 - gate))), two)}
    answered = set()
    for text, (want, back, gradient) in expected.items():
        got = framework.ask(f"value {text}", x)
        if isinstance(got, str):
            assert got.startswith("unsupported "), got
            continue
        answered.add(text.partition("(")[0])
        assert np.allclose(got, want, rtol=1e-5), text
        down = framework.ask(f"value {text}".replace("axis=1", "axis=0"), x.T.copy())
        assert np.allclose(down.T, want, rtol=1e-5), text
        got = framework.ask(f"backward {text}", np.hstack((x, gradient)))
        if isinstance(got, str):
            assert got == "unsupported it has no backward pass", got
            continue
        assert np.allclose(got, back, rtol=1e-4, atol=1e-6), text
    name = request.node.callspec.params["framework"].name
    assert answered == {"softmax", "log_softmax"} | {"hardmax" if name == "onnxruntime" else "glu"} - (
        {"glu"} if name == "tf" else set())


@pytest.fixture(scope="module")
def gradkeep():
    program = os.environ.get("GRADKEEP_CLI", targets.ROOT / "build" / "cli" / "gradkeep")
    assert pathlib.Path(program).is_file(), f"{program} is missing: ./run build makes it"

    @functools.lru_cache(maxsize=None)
    def ask(*words):
        done = subprocess.run([program, *words, "--json"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


@pytest.fixture(scope="module", params=targets.PROGRAMS, ids=lambda program: program.name)
def framework(request):
    target = targets.start(request.param)
    yield target
    target.end()


def texts(function):
    """The function with its default parameters, and with all of them doubled."""
    defaults = function["parameters"]
    for times in (1, 2) if defaults else (1,):
        some = {key: times * value for key, value in defaults.items()}
        yield function["name"] + ("(" + ",".join(f"{k}={v!r}" for k, v in some.items()) + ")"
                                  if some else "")


# Away from all kinks of all functions, and where nothing cancels: what a framework gets wrong here is
# not its rounding.
PLAIN = np.array([-2.3, -0.7, 0.3, 1.1, 2.9])


def test_a_framework_says_who_it_is(framework):
    assert " on " in framework.ask("describe -", np.zeros(0, "f4"))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_framework_answers_with_gradkeeps_functions(framework, gradkeep, dtype):
    """Value, slope and curvature, as far as it has them; which it has at all is for the dialects."""
    x = PLAIN.astype(dtype)
    wrong, answered = [], 0
    for function in gradkeep("list")["functions"]:
        for text in texts(function):
            for order, what in enumerate(("value", "slope", "curvature")):
                got = framework.ask(f"{what} {text}", x)
                if isinstance(got, str):
                    # Keras computes these in float32 over JAX, and says so by the type.
                    assert got.startswith("unsupported ") or "float32" in got, (text, got)
                    continue
                words = [repr(float(value)) for value in x]
                told = gradkeep("eval", text, *words, "--order", str(order), "--type", "f64",
                                "--tier", "truth", "--any-parameters")
                want = np.array([float(result["y"]) for result in told["results"]])
                inside = ~np.isnan(want)  # of the function's domain
                answered += 1
                if not np.allclose(got[inside], want[inside], rtol=1e-4, atol=1e-4):
                    wrong.append((text, what, got, want))
    assert not wrong
    assert answered > 12


IN_A_PARAMETER = {
    "prelu(a=0.5)": lambda x: np.minimum(x, 0),
    "elu(alpha=0.5)": lambda x: np.expm1(np.minimum(x, 0)),
    "leaky_relu(negative_slope=0.5)": lambda x: np.minimum(x, 0),
    "squareplus(b=1.0)": lambda x: 1 / (4 * np.sqrt(x * x + 1)),
}
FROM_OUTPUT = {
    "sigmoid": lambda y: y * (1 - y),
    "tanh": lambda y: 1 - y * y,
    "relu": lambda y: np.where(y > 0, 1.0, 0.0),
    "elu(alpha=1.0)": lambda y: np.where(y > 0, 1, y + 1),
    "elu(alpha=2.0)": lambda y: np.where(y > 0, 1, y + 2),
    "leaky_relu(negative_slope=0.5)": lambda y: np.where(y > 0, 1, 0.5),
}
HAS = {"torch": ("prelu", "sigmoid tanh relu elu leaky_relu"), "jax": ("elu leaky_relu squareplus", ""),
       "tf": ("", "sigmoid tanh relu elu"), "onnxruntime": ("", ""),
       **{f"keras-{name}": ("prelu", "") for name in ("jax", "tensorflow", "torch")}}


@pytest.mark.parametrize("kind", ["parameter_slope_0", "slope_from_output"])
def test_slopes_in_parameters_and_from_the_output(framework, request, kind):
    at = np.array([-0.8, -0.2, 0.3, 0.6])
    answered = set()
    for text, formula in (FROM_OUTPUT if kind == "slope_from_output" else IN_A_PARAMETER).items():
        got = framework.ask(f"{kind} {text}", at)
        if isinstance(got, str):
            assert got.startswith("unsupported "), got
            continue
        assert np.allclose(got, formula(at), rtol=1e-6), text
        answered.add(text.partition("(")[0])
    expected = HAS[request.node.callspec.params["framework"].name][kind == "slope_from_output"]
    assert answered == set(expected.split())
