"""gradkeep chain: the numbers that the documentation promises, and the walk against mpmath."""
# SPDX-License-Identifier: Apache-2.0
import mpmath
import pytest

FORMATS = ("float32", "bfloat16", "float16")


@pytest.mark.parametrize("layers, bound", [(3, 0.015625), (20, 9.094947017729282e-13)])
def test_sigmoid(cli, layers, bound):
    result = cli.json("chain", "sigmoid", "--layers", layers)
    assert (result["slope_max"], result["argmax"], result["bound"]) == (0.25, 0, bound)
    assert result["steps"] == []
    assert [result["subnormal_at"][f] for f in FORMATS] == [64, 64, 8]
    assert [result["lost_at"][f] for f in FORMATS] == [75, 67, 13]
    assert str(bound) in cli.text("chain", "sigmoid", "--layers", layers)


def test_keys(cli):
    result = cli.json("chain", "tanh", "--layers", 2, "--at", "-.5")
    for key in ("function", "layers", "slope_max", "argmax", "bound", "steps", "subnormal_at", "lost_at"):
        assert key in result
    assert list(result["steps"][0]) == ["a", "f", "slope", "weight", "product"]


@pytest.mark.parametrize("name", ["tanh", "relu", "selu", "gelu", "softplus"])
def test_bounds_that_never_vanish(cli, name):
    result = cli.json("chain", name, "--layers", 5)
    assert set(result["lost_at"].values()) == set(result["subnormal_at"].values()) == {None}


@pytest.mark.parametrize("name, value, at", [
    ("gelu", 1.1289041451851548, 2 ** 0.5), ("silu", 1.0998393201288669, 2.3993572805154677),
    ("selu", 1.7580993408473768, 0), ("improved_sigmoid", 0.6, 0)])
def test_slope_maxima(cli, name, value, at):
    result = cli.json("chain", name, "--layers", 1)
    assert result["slope_max"] == pytest.approx(value, rel=1e-15)
    assert result["argmax"] == pytest.approx(at, rel=1e-13)


def test_walk(cli):
    mpmath.mp.dps = 40
    weights, biases = [2.0, -1.5, 0.5], [0.25, 0, -1]
    result = cli.json("chain", "sigmoid", "--layers", 3, "--at", -0.75,
                      "--weights", "2,-1.5,0.5", "--biases", "0.25,0,-1")
    f, product = mpmath.mpf(-0.75), mpmath.mpf(1)
    for w, b, step in zip(weights, biases, result["steps"], strict=True):
        a = w * f + b
        f = 1 / (1 + mpmath.exp(-a))
        product *= w * f * (1 - f)
        assert step["weight"] == w
        for key, truth in {"a": a, "f": f, "slope": f * (1 - f), "product": product}.items():
            assert step[key] == pytest.approx(float(truth), rel=4e-16)


def test_weights_may_begin_with_a_minus(cli):
    steps = cli.json("chain", "tanh", "--layers", 2, "--at", "-inf", "--weights", "-1,-.5",
                     "--biases", "-inf,0")["steps"]
    assert steps[0]["weight"] == -1 and steps[0]["a"] == "nan"


def test_text_says_what_the_bound_is_about(cli):
    text = cli.text("chain", "sigmoid", "--layers", 4)
    assert "slopes alone" in text and "1/max|f'| = 4" in text


@pytest.mark.parametrize("name, layers, words", [
    ("elu(alpha=1e308)", 3, ["at most 1e+308, at x = 0", "1e+308^3, which is over 1.8e+308", "= 1e-308 can"]),
    ("prelu(a=-1e308)", 2, ["1e+308^2, which is over 1.8e+308"]),
    ("improved_sigmoid(alpha=1e308,beta=1e308)", 1, ["at most 1.25e+308, at x = 0"]),
    ("improved_sigmoid(alpha=1e-310,beta=0)", 3, ["which is under 4.94e-324",
                                                  "1/max|f'|, which is over 1.8e+308, can"]),
    ("gelu", 10**15, ["which is over 1.8e+308"]), ("sigmoid", 10**5, ["0.25^100000, which is under 4.94e-324"])])
def test_what_double_cannot_hold_is_said_in_words(cli, name, layers, words):
    text = cli.text("chain", name, "--layers", layers, "--any-parameters")
    assert not set(text.replace("=", " ").split()) & {"inf", "-inf", "nan"}, text
    for part in words:
        assert part in text


def test_bad_input(cli):
    for layers in ("0", "-3", "2.5", "nan", "x"):
        assert "--layers" in cli.fails("chain", "tanh", "--layers", layers)
    assert "--layers" in cli.fails("chain", "tanh")
    assert "3" in cli.fails("chain", "tanh", "--layers", 3, "--at", 0, "--weights", "1,2")
    assert "--at" in cli.fails("chain", "tanh", "--layers", 2, "--weights", "1,2")
    assert "abc" in cli.fails("chain", "tanh", "--layers", 2, "--at", "abc")
