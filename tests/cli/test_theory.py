"""gradkeep predict, critical, phase, gain and moments: numbers against mpmath, statuses, and bad input."""
# SPDX-License-Identifier: Apache-2.0
import mpmath
import pytest

mpmath.mp.dps = 25


def mean(f, q, cuts=()):
    """E f(sqrt(q) z) by mpmath."""
    s = mpmath.sqrt(q)
    edges = sorted({-12, -4, -1, 0, 1, 4, 12, *(c / s for c in cuts)})
    return mpmath.quad(lambda z: f(s * z) * mpmath.npdf(z), edges)


def test_moments_of_tanh(cli):
    result = cli.json("moments", "tanh", "--variance", 2.5)
    slope = lambda x: mpmath.sech(x) ** 2
    for key, f in {"E_phi2": lambda x: mpmath.tanh(x) ** 2, "E_dphi": slope,
                   "E_dphi2": lambda x: slope(x) ** 2, "E_dphi4": lambda x: slope(x) ** 4}.items():
        assert result[key] == pytest.approx(float(mean(f, 2.5)), rel=1e-14), key
    assert abs(result["E_phi"]) < 1e-15
    assert "correlation" not in result and "E_phi_phi" not in result


def test_moments_of_two_inputs(cli):
    c, q = mpmath.mpf("0.75"), 3
    result = cli.json("moments", "relu", "--variance", q, "--correlation", 0.75)
    theta = mpmath.acos(c)
    assert result["E_phi_phi"] == pytest.approx(
        float(q * (mpmath.sin(theta) + (mpmath.pi - theta) * c) / (2 * mpmath.pi)), rel=1e-14)
    assert result["E_dphi_dphi"] == pytest.approx(
        float((mpmath.pi - theta) / (2 * mpmath.pi)), rel=1e-14)


def test_predict_solves_the_length_map(cli):
    result = cli.json("predict", "tanh", "--weight-std", 1.5, "--bias-std", 0.1)
    [point] = result["fixed_points"]
    w, b = mpmath.mpf("2.25"), mpmath.mpf(0.1) ** 2
    length = lambda q: w * mean(lambda x: mpmath.tanh(x) ** 2, q) + b - q
    q = mpmath.findroot(length, 0.8)
    assert point["q"] == pytest.approx(float(q), rel=1e-12)
    chi = w * mean(lambda x: mpmath.sech(x) ** 4, q)
    assert point["chi_1"] == pytest.approx(float(chi), rel=1e-12)
    assert point["xi_grad"] == pytest.approx(float(1 / mpmath.log(chi)), rel=1e-11)
    assert (point["status"], point["attracting"], result["arrives_at"]) == ("stable", True, 0)
    layers = result["layers"]
    assert [layer["layer"] for layer in layers] == list(range(1, 21))
    assert layers[0]["q"] == pytest.approx(2.26) and layers[-1]["gradient_rms"] == 1
    product = 1.0
    for layer in reversed(layers[:-1]):
        product *= layer["chi_1"]
        assert layer["gradient_rms"] == pytest.approx(product ** 0.5, rel=1e-12)


@pytest.mark.parametrize("name, scales, statuses, arrives", [
    ("tanh", (1, 0), ["marginal"], 0), ("relu", (2 ** 0.5, 0), ["whole line"], 0),
    ("gelu", (1.5, 0.1), ["stable", "unstable", "diverging"], 2),
    ("relu", (2 ** 0.5, 0.1), ["diverging"], 0), ("tanh", (0.5, 0), ["zero"], 0)])
def test_statuses(cli, name, scales, statuses, arrives):
    result = cli.json("predict", name, "--weight-std", scales[0], "--bias-std", scales[1])
    assert [p["status"] for p in result["fixed_points"]] == statuses
    assert result["arrives_at"] == arrives
    assert statuses[0] in cli.text("predict", name, "--weight-std", scales[0], "--bias-std", scales[1])


def test_a_quieter_input_goes_elsewhere(cli):
    loud = cli.json("predict", "gelu", "--weight-std", 1.5, "--bias-std", 0.1)
    quiet = cli.json("predict", "gelu", "--weight-std", 1.5, "--bias-std", 0.1,
                     "--input-variance", 0.5)
    assert (loud["arrives_at"], quiet["arrives_at"]) == (2, 0)


def test_formats_lose_a_vanishing_gradient(cli):
    result = cli.json("predict", "sigmoid", "--depth", 40)
    formats = result["formats"]
    chi = result["fixed_points"][0]["chi_1"]
    # Half of a normal distribution lies within 0.6745 of its standard deviation.
    depth = float(mpmath.log(0.6745 * 2 ** 25, mpmath.sqrt(1 / chi)))
    assert 40 - formats["float16"]["lost_up_to_layer"] == pytest.approx(depth, abs=1)
    assert formats["float16"]["subnormal_up_to_layer"] > formats["float16"]["lost_up_to_layer"]
    assert formats["bfloat16"]["subnormal_up_to_layer"] is None
    assert formats["float32"]["lost_up_to_layer"] is None
    scaled = cli.json("predict", "sigmoid", "--depth", 40, "--loss-scale", 65536)["formats"]
    assert scaled["float16"]["lost_up_to_layer"] < formats["float16"]["lost_up_to_layer"]
    assert "float16" in cli.text("predict", "sigmoid", "--depth", 40)


def test_an_exploding_gradient_is_lost_next_to_the_output(cli):
    network = ("predict", "relu", "--weight-std", 2, "--loss-scale", 2e-5)
    half = cli.json(*network)["formats"]["float16"]
    assert half["subnormal_up_to_layer"] is None
    [lost] = half["ranges"]
    assert (lost["first"] > 10, lost["last"], lost["what"]) == (True, 20, "subnormal")
    assert f"subnormal in layers {lost['first']} to 20\n" in cli.text(*network)
    both = cli.json("predict", "sigmoid", "--depth", 40)["formats"]["float16"]
    assert [r["what"] for r in both["ranges"]] == ["zero", "subnormal"]
    assert both["ranges"][0]["last"] == both["lost_up_to_layer"]


def test_what_is_not_known_is_not_called_lost(cli):
    text = cli.text("predict", "exponential", "--weight-std", 5, "--residual", "plain")
    assert text.count("no prediction\n") == 3


def test_nothing_is_left_for_normalisation_to_scale(cli):
    for normalisation in ("batch", "layer"):
        error = cli.fails("predict", "tanh", "--weight-std", 0, "--normalisation", normalisation)
        assert "variance is 0" in error


def test_relu_scatters_by_five_over_the_width(cli):
    result = cli.json("predict", "relu", "--weight-std", 2 ** 0.5, "--width", 50, "--depth", 11)
    assert result["layers"][0]["log_variance"] == pytest.approx(10 * 5 / 50, rel=1e-12)


def test_predict_of_normalised_layers(cli):
    result = cli.json("predict", "relu", "--normalisation", "batch", "--depth", 5)
    assert (result["normalisation"], result["residual"], result["dropout"]) == ("batch", "none", 0)
    assert result["fixed_points"] == [] and result["arrives_at"] is None
    assert result["chain_bound"] is None
    growth = float(mpmath.pi / (mpmath.pi - 1))
    for layer in result["layers"]:
        assert layer["q"] == 1 and layer["chi_1"] == pytest.approx(growth, rel=1e-13)
    assert result["layers"][0]["gradient_rms"] == pytest.approx(growth ** 2, rel=1e-13)
    layers = cli.json("predict", "relu", "--normalisation", "layer")["layers"]
    assert layers[0]["gradient_rms"] == pytest.approx(1, rel=1e-12)
    text = cli.text("predict", "relu", "--normalisation", "batch", "--depth", 5)
    assert "h = N(W y + b), N normalises over a large batch" in text
    assert "squared\nnorm is multiplied by 4.631." in text


def test_predict_of_residual_layers(cli):
    layers = {kind: cli.json("predict", "relu", "--depth", 16, "--residual", kind)["layers"]
              for kind in ("plain", "scaled", "zero")}
    for kind, growth in {"plain": 1.5, "scaled": 1 + 0.5 / 16, "zero": 1}.items():
        assert layers[kind][-1]["q"] == pytest.approx(growth ** 15, rel=1e-12)
        assert layers[kind][0]["gradient_rms"] == pytest.approx(growth ** 7.5, rel=1e-12)
    assert {layer["log_variance"] for layer in layers["zero"]} == {0}
    text = cli.text("predict", "tanh", "--depth", 16, "--residual", "scaled",
                    "--normalisation", "layer", "--dropout", 0.25)
    assert ("h = h_below + 0.25 N(W y + b), N normalises over its units, "
            "y has lost 25.0 % of its entries\n") in text
    assert "Slopes alone" not in text


def test_predict_with_dropout(cli):
    result = cli.json("predict", "tanh", "--weight-std", 1.3, "--bias-std", 0.3,
                      "--dropout", 0.3, "--depth", 200)
    assert result["dropout"] == 0.3
    [point], last = result["fixed_points"], result["layers"][-1]
    assert point["c_star"] < 0.9
    assert last["correlation"] == pytest.approx(point["c_star"], abs=1e-10)
    assert last["chi_1"] == pytest.approx(point["chi_1"], rel=1e-10)
    plain = cli.json("predict", "tanh", "--weight-std", 1.3, "--bias-std", 0.3)
    assert plain["chain_bound"] is not None and plain["dropout"] == 0


def test_critical(cli):
    result = cli.json("critical", "tanh", "--bias-std", 0.2)
    [root] = result["roots"]
    assert result["line"] == "unique" and root["stable"]
    w, q = mpmath.mpf(root["weight_std"]), mpmath.mpf(root["q"])
    assert w ** 2 * mean(lambda x: mpmath.sech(x) ** 4, q) == pytest.approx(1, rel=1e-12)
    assert w ** 2 * mean(lambda x: mpmath.tanh(x) ** 2, q) + mpmath.mpf("0.04") == pytest.approx(q)
    assert cli.json("critical", "softplus")["line"] == "none"
    relu = cli.json("critical", "relu")
    assert relu["line"] == "degenerate" and relu["roots"][0]["q"] is None
    gelu = cli.json("critical", "gelu")
    assert [r["stable"] for r in gelu["roots"]] == [False] and len(gelu["half_stable"]) == 1
    assert "no weights" in cli.text("critical", "softplus")
    assert "unstable" in cli.text("critical", "gelu")


def test_gain(cli):
    result = cli.json("gain", "tanh")
    assert result["forward"] == pytest.approx(1.59254, abs=5e-6)
    assert result["self_consistent"] == 1
    assert cli.json("gain", "relu")["self_consistent"] == pytest.approx(2 ** 0.5, rel=1e-15)
    assert cli.json("gain", "gelu")["self_consistent"] is None
    assert cli.json("gain", "sigmoid")["self_consistent"] == pytest.approx(10.14926, abs=5e-6)
    assert "none" in cli.text("gain", "gelu")


def test_gain_recommends(cli):
    tanh = cli.json("gain", "tanh", "--width", 100, "--depth", 32)["recommendation"]
    assert (tanh["width"], tanh["depth"], tanh["footing"]) == (100, 32, "stable")
    prediction = cli.json("predict", "tanh", "--weight-std", tanh["weight_std"], "--bias-std",
                          tanh["bias_std"], "--width", 100, "--depth", 32)
    [point], first = prediction["fixed_points"], prediction["layers"][0]
    assert point["q"] == pytest.approx(tanh["q"], rel=1e-11)
    assert point["chi_1"] == pytest.approx(1, rel=1e-11)
    assert tanh["gradient_gain"] == pytest.approx(first["gradient_rms"] ** 2, rel=1e-12)
    assert tanh["log_variance"] == pytest.approx(first["log_variance"], rel=1e-12)
    relu = cli.json("gain", "relu")["recommendation"]
    assert relu["footing"] == "whole line" and relu["q"] is None and relu["bias_std"] == 0
    step = cli.json("gain", "step")["recommendation"]
    assert step["footing"] == "none" and step["gradient_gain"] is None
    text = cli.text("gain", "softplus", "--depth", 32)
    assert "Recommended for 32 layers of 256 units: weight_std 1.41421, bias_std 0 (none)." in text
    assert "  Normalisation or residual branches are the cure.\n" in text


def test_phase(cli, tmp_path):
    picture = tmp_path / "tanh.svg"
    result = cli.json("phase", "tanh", "--points", 5, "--weight-to", 2.5, "-o", picture)
    assert result["weight_std"] == [0.5, 1, 1.5, 2, 2.5] and len(result["points"]) == 25
    point = result["points"][1 * 5 + 2]  # bias_std 0.5, weight_std 1.5
    [fixed] = cli.json("predict", "tanh", "--weight-std", 1.5, "--bias-std", 0.5)["fixed_points"]
    assert point["q"] == pytest.approx(fixed["q"], rel=1e-12)
    assert point["xi_c"] == pytest.approx(fixed["xi_c"], rel=1e-6)
    assert "critical: chi_1 = 1" in picture.read_text()


@pytest.mark.parametrize("arguments, message", [
    (["phase", "tanh"], "expected -o with a name for the picture, or --json"),
    (["phase", "tanh", "-o", "x.gif"], "expected a name that ends in .svg or .png"),
    (["phase", "tanh", "--weight-to", "0.4", "--json"], "expected from < to"),
    (["phase", "tanh", "--points", "1", "--json"], "--points is 1, expected 2 or more"),
    (["predict", "tanh", "--weight-std", "-1"], "--weight-std is -1, expected a finite number of 0 or more"),
    (["predict", "tanh", "--bias-std", "inf"], "--bias-std is inf, expected"),
    (["predict", "tanh", "--depth", "0"], "--depth is 0, expected a whole number from 1 to 10000"),
    (["predict", "tanh", "--width", "2.5"], "--width is 2.5, expected a whole number"),
    (["predict", "tanh", "--loss-scale", "0"], "--loss-scale is 0, expected a finite number above 0"),
    (["predict", "tanh", "--dropout", "1"], "--dropout is 1, expected a share below 1"),
    (["predict", "tanh", "--dropout", "-0.5"], "--dropout is -0.5, expected a finite number of 0 or more"),
    (["predict", "tanh", "--residual", "some"], "--residual"),
    (["predict", "log1mexp"], "log1mexp is defined on (0, inf) only"),
    (["moments", "tanh", "--correlation", "1.1"], "--correlation is 1.1, expected a number from -1 to 1"),
    (["moments", "tanh", "--variance", "x"], "--variance"),
    (["gain", "tanh", "--variance", "0"], "--variance is 0, expected a finite number above 0"),
    (["gain", "tanh", "--depth", "0"], "--depth is 0, expected a whole number from 1 to 10000"),
    (["critical", "tanh", "--bias-std", "-0.1"], "--bias-std is -0.1, expected")])
def test_bad_input_is_named(cli, arguments, message):
    assert message in cli.fails(*arguments)


@pytest.mark.parametrize("verb", ["predict", "critical", "phase"])
def test_help_says_standard_deviation(cli, verb):
    assert "standard deviation" in cli.text(verb, "--help")
