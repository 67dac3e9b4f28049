"""gradkeep spectrum: closed forms, singular values of networks drawn here, and what has no spectrum."""
# SPDX-License-Identifier: Apache-2.0
import math
import os
import xml.etree.ElementTree as ET

import numpy as np
import pytest


def test_linear_network(cli):
    result = cli.json("spectrum", "identity", "--layers", 8, "--weights", "gaussian", "--width", 100)
    assert result["weight_std"] == result["mean"] == result["chi_1"] == 1
    assert result["variance"] == pytest.approx(8, rel=1e-13)
    assert result["lambda_max"] == pytest.approx(9**9 / 8**8, rel=1e-12)
    assert (result["upper_edge"], result["lower_edge"], result["atoms"]) == ("root", "zero", [])
    assert result["log_normal"]["variance"] == pytest.approx(0.16)
    assert result["log_normal"]["homogeneous"] is True
    assert result["worst_case"] == 2**8


def test_relu(cli):
    result = cli.json("spectrum", "relu", "--layers", 8, "--weights", "orthogonal")
    assert result["weight_std"] == pytest.approx(math.sqrt(2))
    assert result["variance"] == pytest.approx(8)
    assert result["lambda_max"] == pytest.approx(8**8 / 7**7, rel=1e-12)
    [atom] = result["atoms"]
    assert atom["at"] == 0 and atom["weight"] == pytest.approx(0.5)
    assert result["log_normal"] is None
    assert [q["at"] for q in result["quantiles"] if q["share"] < 0.5] == [0, 0, 0]


# Where the textbook's formula does not hold.
def test_atom_at_the_end(cli):
    p = math.erf(1 / math.sqrt(0.2))
    result = cli.json("spectrum", "hard_tanh", "--layers", 4, "--weights", "orthogonal", "--variance", 0.1)
    assert result["upper_edge"] == "atom" and result["lambda_max"] == pytest.approx(p**-4)
    assert result["atoms"][1]["weight"] == pytest.approx(1 - 4 * (1 - p))
    text = cli.text("spectrum", "hard_tanh", "--layers", 4, "--weights", "orthogonal", "--variance", 0.1)
    assert "99.374 % of them lie there" in text and "0.157 % of them are 0" in text


def singular_values(n, layers, q, weight_std, orthogonal, seed):
    random = np.random.default_rng(seed)
    x, j = random.normal(size=n), np.eye(n)
    for _ in range(layers):
        w = random.normal(size=(n, n)) / math.sqrt(n)
        if orthogonal:
            w, r = np.linalg.qr(w)
            w *= np.sign(np.diag(r))
        h = w @ x
        h *= math.sqrt(q / np.mean(h * h))
        x = np.tanh(h)
        j = weight_std * (1 - x * x)[:, None] * w @ j
    return np.linalg.svd(j, compute_uv=False) ** 2


@pytest.mark.parametrize("weights", ["gaussian", "orthogonal"])
def test_shares_against_networks(cli, weights):
    q, layers = 0.5, 4
    result = cli.json("spectrum", "tanh", "--layers", layers, "--weights", weights, "--variance", q)
    found = np.concatenate([
        singular_values(300, layers, q, result["weight_std"], weights == "orthogonal", seed) for seed in range(4)])
    for quantile in result["quantiles"]:
        assert np.mean(found <= quantile["at"]) == pytest.approx(quantile["share"], abs=0.02)
    assert result["mean"] == pytest.approx(1)


def test_weights_are_standard_deviations(cli):
    one, two = (cli.json("spectrum", "tanh", "--layers", 3, "--weight-std", s) for s in (1, 2))
    assert two["mean"] / one["mean"] == pytest.approx(4**3)
    assert two["lambda_max"] / one["lambda_max"] == pytest.approx(4**3)
    assert two["worst_case"] == pytest.approx(4**3) and one["worst_case"] == pytest.approx(2**3)
    assert "standard deviation" in cli.text("spectrum", "--help")


@pytest.mark.parametrize("arguments", [["tanh", "--weights", "orthogonal"], ["relu"], ["identity", "--weights", "orthogonal"]])
@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_picture(cli, tmp_path, arguments, suffix):
    path = tmp_path / f"x.{suffix}"
    result = cli.json("spectrum", *arguments, "--layers", 6, "-o", path)
    assert result["file"] == str(path)
    assert os.listdir(tmp_path) == [path.name]
    if suffix == "png":
        assert path.read_bytes().startswith(b"\x89PNG")
        return
    words = "".join(ET.parse(path).getroot().itertext())
    assert "squared singular value" in words and "mean 1" in words and arguments[0] in words
    assert ("50.000 % are 0" in words) == (arguments[0] == "relu")
    assert ("100.000 % at 1" in words) == (arguments[0] == "identity")


def test_unbounded(cli):
    result = cli.json("spectrum", "exponential", "--layers", 2, "--variance", 0.5)
    assert (result["lambda_max"], result["upper_edge"], result["worst_case"]) == ("inf", "unbounded", "inf")
    assert "since slopes grow without bound" in cli.text("spectrum", "exponential", "--layers", 2)


def test_too_many_layers_for_a_density(cli, tmp_path):
    result = cli.json("spectrum", "relu", "--layers", 1000000)
    assert result["quantiles"] is None
    assert result["lambda_max"] > 1e6
    assert "too wide to be drawn; expected fewer layers" in cli.fails("spectrum", "relu", "--layers", 1000000, "-o", tmp_path / "x.svg")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("arguments, message", [
    (["tanh", "--layers", 0], "--layers is 0, expected a whole number from 1 to 1000000"),
    (["tanh", "--layers", 2.5], "--layers is 2.5, expected a whole number"),
    (["tanh", "--layers", 2, "--variance", 0], "--variance is 0, expected a finite number above 0"),
    (["tanh", "--layers", 2, "--weight-std", "inf"], "--weight-std is inf, expected a finite number above 0"),
    (["tanh", "--layers", 2, "--width", 0.5], "--width is 0.5, expected 1 or more"),
    (["tanh", "--layers", 2, "-o", "x.pdf"], "expected a name that ends in .svg or .png"),
    (["exponential", "--layers", 2, "--variance", 1000], "mean square slope of exponential"),
])
def test_wrong_use(cli, arguments, message):
    assert message in cli.fails("spectrum", *arguments)
