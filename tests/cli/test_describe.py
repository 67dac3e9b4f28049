"""gradkeep list, show and table: what is said about functions."""
# SPDX-License-Identifier: Apache-2.0
import math
import pathlib
import re

import numpy as np
import pytest

FUNCTIONS = pathlib.Path(__file__).resolve().parents[2] / "functions"
NAMES = sorted(file.stem for file in FUNCTIONS.glob("*.h"))


def test_list(cli):
    assert [f["name"] for f in cli.json("list")["functions"]] == NAMES
    text = cli.text("list")
    assert "hard_tanh(min=-1, max=1)" in text or "hard_tanh(min=-1,max=1)" in text


@pytest.mark.parametrize("name", NAMES)
def test_show_every_function(cli, name):
    result = cli.json("show", name)
    assert result["function"] == name
    for key in ("title", "formula", "slope", "curvature", "derivation"):
        assert result[key], key
    text = cli.text("show", name)
    for label in ("f(x)", "f'(x)", "derivation", "range", "kinks"):
        assert re.search(rf"^{re.escape(label)} ", text, re.M), label
    assert all(len(line) <= 200 for line in text.splitlines())


def test_sigmoid_as_floats(cli):
    result = cli.json("show", "sigmoid")
    assert result["range"]["text"] == "(0, 1)"
    at = {(t["type"], t["order"], t["side"]): t["from"] for t in result["as_floats"]}
    assert at["float32", 0, "plus"] == pytest.approx(25 * math.log(2), abs=1e-6)
    assert at["float32", 0, "minus"] == pytest.approx(-150 * math.log(2), abs=1e-5)
    assert at["float64", 0, "plus"] == pytest.approx(54 * math.log(2), abs=1e-14)
    assert at["bfloat16", 0, "plus"] == pytest.approx(9 * math.log(2), abs=0.04)
    text = cli.text("show", "sigmoid")
    assert "17.328" in text and "-103.97" in text


def test_tail_ends_are_sharp(cli):
    """One number further in, the value is not yet the limit."""
    for name in ("sigmoid", "tanh", "elu", "gelu"):
        for tail in cli.json("show", name)["as_floats"]:
            if tail["type"] != "float32" or tail["from"] in (None, "inf", "-inf"):
                continue
            at = tail["from"]
            inner = np.nextafter(np.float32(at), np.float32(-np.inf if tail["side"] == "plus" else np.inf))
            values = cli.json("eval", name, f"{at!r}", f"{float(inner)!r}", "--tier", "exact",
                              "--order", tail["order"])["results"]
            assert values[0]["y"] == tail["limit"] != values[1]["y"], (name, tail)


def test_drawing(cli):
    for env, marks in ({"TERM": "xterm", "LC_ALL": "C.UTF-8"}, r"[\u2801-\u28ff]"), \
                      ({"TERM": "dumb"}, r"\*"), ({"LC_ALL": "C"}, r"\*"):
        text = cli.text("show", "gelu", env=env)
        assert re.search(marks, text)
        assert "\x1b" not in text


def test_table(cli):
    rows = {r["function"].split("(min")[0].split("(a=")[0]: r for r in cli.json("table", "sigmoid", "tanh", "relu", "gelu", "identity",
                                               "elu(alpha=0.5)", "hard_tanh", "prelu")["functions"]}
    sigmoid, relu, gelu = rows["sigmoid"], rows["relu"], rows["gelu"]
    assert sigmoid["probability"] and not rows["tanh"]["probability"]
    # s(1 - s) = 0.0025
    edge = math.log((1 + math.sqrt(0.99)) / (1 - math.sqrt(0.99)))
    assert sigmoid["saturates"]["above"] == pytest.approx(edge, rel=1e-12)
    assert sigmoid["saturates"]["below"] == pytest.approx(-edge, rel=1e-12)
    assert sigmoid["mean"] == pytest.approx(0.5) and not sigmoid["zero_centred"]
    assert rows["tanh"]["zero_centred"]
    assert (sigmoid["slope"]["low"], sigmoid["slope"]["low_attained"]) == (0, False)
    assert sigmoid["curvature_maximum"] == pytest.approx(1 / (6 * math.sqrt(3)), rel=1e-14)
    assert relu["dead"] == [{"low": "-inf", "high": 0, "low_open": True, "high_open": False}]
    assert relu["slope_jumps"] == [0] and not relu["smooth"]
    assert relu["saturates"] == {"below": 0, "above": None}
    assert gelu["monotone"] == "no" and gelu["smooth"] and gelu["bounded_below"] and not gelu["bounded_above"]
    assert gelu["dead"] == []
    assert gelu["mean"] == pytest.approx(1 / math.sqrt(4 * math.pi), rel=1e-14)
    assert rows["identity"]["saturates"] == {"below": None, "above": None}
    assert rows["elu(alpha=0.5)"]["slope_jumps"] == [0]
    assert [d["low"] for d in rows["hard_tanh"]["dead"]] == ["-inf", 1]
    assert rows["prelu"]["learned"] == ["a"]
    for row in rows.values():
        assert 0 < row["ns_per_element"] < 1000
        assert row["remark"]


def test_elu_bends_without_a_kink(cli):
    row = cli.json("table", "elu")["functions"][0]
    assert row["slope_jumps"] == [] and row["curvature_jumps"] == [0]


def test_a_value_may_jump(cli):
    rows = cli.json("table", "thresholded_relu", "threshold(0.1, 20)", "hard_shrink(0.7)", "relu6")["functions"]
    assert [row["value_jumps"] for row in rows] == [[1], [0.1], [-0.7, 0.7], []]
    assert [row["monotone"] for row in rows] == ["increasing", "no", "increasing", "increasing"]
    assert not any(row["smooth"] for row in rows)
    assert "jumps at 1" in cli.text("table", "thresholded_relu")
    kinks = cli.json("show", "hard_shrink(lambda=0.25)")["kinks"]
    assert [kink["at"] for kink in kinks] == [-0.25, 0.25]


@pytest.mark.parametrize("name, cells, mean", [
    ("elu(alpha=1e308)", ["(0, 1e+308]", "up to 1e+308 times"], -2.384217e307),
    ("softplus(beta=1e308)", ["2.5e+307"], 0.3989423), ("softplus(beta=1e-308)", ["2.5e-309"], 6.931472e307),
    ("softplus(beta=1e-320)", ["unknown, its mean overflows"], None),
    ("prelu(a=1e308)", ["[1, 1e+308]", "unknown, its mean overflows"], None),
    ("improved_sigmoid(alpha=1e308,beta=1e308)", ["(1e+308, 1.25e+308]", "over 1.8e+308"], None),
    ("improved_sigmoid(alpha=2,beta=1e300)", ["0.3849"], 0),
    ("improved_sigmoid(alpha=1e-30,beta=0)", ["x < -5.986e+30 or x > 5.986e+30"], 0.5),
    ("hard_tanh(min=-1e308,max=1e308)", ["x < -1e+308 or x > 1e+308"], 0)])
def test_table_of_parameters_of_any_size(cli, name, cells, mean):
    text = cli.text("table", name, "--any-parameters")
    for line in text.splitlines():
        if not line.startswith(("range  ", "limits ")):
            assert not re.search(r"\b(inf|nan)\b", line), line
    for cell in cells:
        assert cell in text
    row = cli.json("table", name, "--any-parameters")["functions"][0]
    assert row["mean"] == (mean and pytest.approx(mean, rel=1e-6))


def test_table_forms(cli):
    text = cli.text("table", "sigmoid", "relu")
    assert "range of slope" in text and "(0, 0.25]" in text
    markdown = cli.text("table", "sigmoid", "relu", "--markdown").splitlines()
    assert len(markdown) == 4
    cells = [len(re.findall(r"(?<!\\)\|", line)) for line in markdown]
    assert len(set(cells)) == 1
    assert "exclude" in cli.fails("table", "relu", "--markdown", "--json")
