"""Theory from Python: the command line's numbers, and callables beside names."""
# SPDX-License-Identifier: Apache-2.0
import json
import math
import subprocess

import matplotlib
import numpy as np
import pytest

matplotlib.use("agg")


def asked(cli, *words):
    done = subprocess.run([cli, *words, "--json"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def number(v):
    """JSON has null and words for what is no number."""
    return {None: math.nan, "inf": math.inf, "-inf": -math.inf, "nan": math.nan}.get(v, v)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "gelu", "relu", "selu"])
def test_predictions_are_the_command_lines(gradkeep, cli, name):
    told = asked(cli, "predict", name, "--weight-std", "1.5", "--bias-std", "0.1", "--depth", "12")
    p = gradkeep.predict(name, weight_std=1.5, bias_std=0.1, depth=12)
    for column in ("q", "correlation", "chi_1", "gradient_rms", "log_variance"):
        assert getattr(p, column).tolist() == [number(layer[column]) for layer in told["layers"]]
    assert [f.q for f in p.fixed_points] == [number(f["q"]) for f in told["fixed_points"]]
    assert [f.status for f in p.fixed_points] == [f["status"] for f in told["fixed_points"]]
    assert p.gains.backward == told["gains"]["backward"]
    for loss in p.formats:
        assert loss.lost_up_to == told["formats"][loss.format]["lost_up_to_layer"]
    told = asked(cli, "critical", name, "--bias-std", "0.2")
    critical = gradkeep.critical(name, 0.2)
    assert critical.line == told["line"]
    assert [c.weight_std for c in critical.points] == [r["weight_std"] for r in told["roots"]]
    told = asked(cli, "gain", name, "--width", "100", "--depth", "32")["recommendation"]
    advice = gradkeep.recommend(name, 100, 32)
    assert (advice.weight_std, advice.reason) == (told["weight_std"], told["reason"])


def test_gains(gradkeep):
    assert gradkeep.gain("relu") == pytest.approx(math.sqrt(2), rel=1e-14)
    forward, backward = gradkeep.gain("gelu"), gradkeep.gain("gelu", "backward")
    assert gradkeep.gain("gelu", "both") == pytest.approx(
        math.sqrt(2 / (forward**-2 + backward**-2)), rel=1e-14)
    assert gradkeep.gain("tanh", "critical") == pytest.approx(1, rel=1e-12)
    assert gradkeep.gain("elu", alpha=0.5) == gradkeep.gain("elu(alpha=0.5)")
    with pytest.raises(gradkeep.Error, match="mode is 'sideways'; expected"):
        gradkeep.gain("relu", "sideways")
    with pytest.raises(gradkeep.Error, match="no stable critical point"):
        gradkeep.gain("gelu", "critical")


def test_callables(gradkeep):
    for mode in ("forward", "backward", "both"):
        own = gradkeep.gain(np.tanh, mode, slope=lambda x: 1 - np.tanh(x) ** 2)
        assert own == pytest.approx(gradkeep.gain("tanh", mode), rel=1e-12)
        assert gradkeep.gain(np.tanh, mode) == pytest.approx(own, rel=1e-9)
    leaky = gradkeep.gain(lambda x: max(x, 0.1 * x), "backward", kinks=[0])
    assert leaky == pytest.approx(gradkeep.gain("leaky_relu(0.1)", "backward"), rel=1e-9)
    assert gradkeep.predict(np.tanh, depth=3).q == pytest.approx(gradkeep.predict("tanh", depth=3).q)


def test_what_a_callable_raises_comes_through(gradkeep):
    def broken(x):
        raise KeyError("its own")

    with pytest.raises(KeyError, match="its own"):
        gradkeep.gain(broken)
    with pytest.raises(KeyError, match="its own"):
        gradkeep.phase(broken, [1, 2], [0])
    with pytest.raises(TypeError, match="function gives a str at"):
        gradkeep.gain(lambda x: "seven")
    with pytest.raises(gradkeep.Error, match="slope and kinks are for a callable"):
        gradkeep.gain("tanh", kinks=[0])
    with pytest.raises(TypeError, match="expected a name or an Activation"):
        gradkeep.gain(7)


def test_chain(gradkeep):
    chain = gradkeep.chain("sigmoid", 20)
    assert chain.bound == 0.25**20 and chain.subnormal_at["float16"] == 8
    walked = gradkeep.chain("tanh", 3, 0.5, weights=[1, 2, 3])
    x, product = 0.5, 1.0
    for weight, step in zip([1, 2, 3], walked.steps):
        x = math.tanh(weight * x)
        product *= weight * (1 - x * x)
        assert step.f == pytest.approx(x) and step.product == pytest.approx(product)
    with pytest.raises(gradkeep.Error, match="weights has 2 numbers; expected one for each of 3"):
        gradkeep.chain("tanh", 3, 0.5, weights=[1, 2])
    with pytest.raises(gradkeep.Error, match="layers is 0; expected 1 or more"):
        gradkeep.chain("tanh", 0)


def test_phase_and_spectrum(gradkeep):
    diagram = gradkeep.phase("tanh", [1, 1.5], [0, 0.1, 0.2])
    assert diagram.chi_1.shape == (3, 2)
    at = gradkeep.predict("tanh", weight_std=1.5, bias_std=0.1)
    assert diagram.chi_1[1, 1] == pytest.approx(at.fixed_points[at.arrives].chi_1, rel=1e-6)
    s = gradkeep.spectrum("relu", 1)
    assert s.atoms == [(0, pytest.approx(0.5))] and s.chi_1 == pytest.approx(1)
    assert s.share[-1] - s.share[0] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("with_pandas", [False, True])
def test_table(gradkeep, monkeypatch, with_pandas):
    import sys

    if with_pandas:
        pandas = pytest.importorskip("pandas", reason="pandas is not installed")
        rows = gradkeep.table("sigmoid", "relu")
        assert isinstance(rows, pandas.DataFrame)
        assert rows.loc["sigmoid", "bound_20"] == 0.25**20
    else:
        monkeypatch.setitem(sys.modules, "pandas", None)
        rows = gradkeep.table(layers=5)
        assert [row["function"].split("(")[0] for row in rows] == gradkeep.names()
        sigmoid = next(row for row in rows if row["function"] == "sigmoid")
        assert sigmoid["bound_5"] == 0.25**5 and sigmoid["mean"] == pytest.approx(0.5)


def test_plots(gradkeep):
    from gradkeep import plot

    names = ["sigmoid", "improved_sigmoid(alpha=2,beta=0.1)"]
    ax = plot.curves(names, -10, 10, order=(0, 1), overlay=True)
    assert [line.get_label() for line in ax.get_lines()[:2]] == ["sigmoid f", "sigmoid f'"]
    x, y = ax.get_lines()[1].get_data()
    assert np.array_equal(y, gradkeep.slope("sigmoid", np.asarray(x)))
    jump = plot.curves("hard_shrink", order=0).get_lines()[0].get_ydata()
    assert np.isnan(jump).sum() == 2
    below = plot.curves("relu", order=(0, 1), overlay=False)
    assert len(below) == 2 and below[1].get_ylabel() == "f'"
    assert plot.flow("tanh", depth=7, ax=ax) is ax
    assert plot.phase("tanh", weight_std=[1, 2], bias_std=[0, 0.1]).get_xlabel() == "weight_std"
    plot.spectrum("identity", weights="orthogonal")
    assert plot.curves("relu", order=np.int64(1)).get_ylabel() == "f'"
    assert gradkeep.plot is plot
    assert "50.0% at 0" in plot.spectrum("relu").get_legend_handles_labels()[1][0]
    with pytest.raises(ValueError, match="expected low < high"):
        plot.curves("relu", 1, 0)
    with pytest.raises(ValueError, match="expected 0, 1 or 2"):
        plot.curves("relu", order=3)
