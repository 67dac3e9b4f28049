"""gradkeep eval: numbers in every spelling, rounded once, printed so that they read back."""
# SPDX-License-Identifier: Apache-2.0
import math
import struct

import mpmath
import numpy as np
import pytest


def bits32(value):
    return f"0x{struct.unpack('<I', struct.pack('<f', value))[0]:08x}"


def bits64(value):
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016x}"


def test_shape_and_defaults(cli):
    result = cli.json("eval", "gelu", "-0", "--tier", "exact")
    assert list(result) == [
        "schema_version", "function", "parameters", "type", "tier", "order", "from", "results"]
    assert result == {
        "schema_version": 1, "function": "gelu", "parameters": {}, "type": "f32", "tier": "exact",
        "order": 0, "from": "input",
        "results": [{"x": -0.0, "y": -0.0, "bits": "0x80000000"}]}
    defaults = cli.json("eval", "elu(alpha=0.5)", "1")
    assert (defaults["type"], defaults["tier"], defaults["order"]) == ("f32", "fast", 0)
    assert defaults["parameters"] == {"alpha": 0.5}


@pytest.mark.parametrize("text, value", [
    (".5", 0.5), ("-.5", -0.5), ("5.", 5.0), ("-5e-1", -0.5), ("+2", 2.0), ("0x1.8p-3", 0.1875),
    ("-0x1p-149", -2.0**-149), ("inf", math.inf), ("-inf", -math.inf), ("bits:0xff800000", -math.inf),
    ("bits:0x3F800000", 1.0), ("-0", -0.0), ("1e400", math.inf), ("1e-400", 0.0), ("-1e-46", -0.0),
])
@pytest.mark.parametrize("dashes", [False, True])
def test_spellings(cli, text, value, dashes):
    arguments = ["--json", "--", text] if dashes else [text, "--json"]
    out = cli.text("eval", "identity", *arguments)
    assert f'"bits":"{bits32(value)}"' in out


@pytest.mark.parametrize("arguments", [
    ["-1", "-.5", "2", "-inf", "--order", "1"], ["--order=1", "-1", "-.5", "--", "2", "-inf"],
    ["--", "-1", "-.5", "2", "-inf"], ["-1", "--order", "1", "--", "-.5", "2", "-inf"],
    ["-1", "-.5", "2", "--", "-inf"]])
def test_numbers_before_and_after_dashes(cli, arguments):
    """A "--" among the numbers changes nothing, wherever it stands."""
    x = [line.split()[0] for line in cli.text("eval", "identity", *arguments).splitlines()]
    assert x == ["-1", "-0.5", "2", "-inf"]


def test_the_name_may_follow_dashes(cli):
    assert cli.text("eval", "--", "tanh", "-1") == cli.text("eval", "tanh", "-1")


def test_nothing_after_dashes_is_an_option(cli):
    assert "X '--json'" in cli.fails("eval", "tanh", "-1", "--", "--json")


def test_bits_have_the_width_of_the_type(cli):
    assert "expected 8 hexadecimal digits, the bits of a float32" in cli.fails(
        "eval", "tanh", "bits:0x3ff0000000000000")
    assert "expected 16 hexadecimal digits, the bits of a float64" in cli.fails(
        "eval", "tanh", "bits:0x3f800000", "--type", "f64")
    assert "expected 8 " in cli.fails("eval", "tanh", "bits:0x1")
    assert "expected 16 " in cli.fails("chain", "tanh", "--layers", 1, "--at", "bits:0x3f800000")
    result = cli.json("eval", "identity", "bits:0x3FF0000000000001", "--type", "f64")["results"][0]
    assert result["x"] == 1 + 2**-52 and result["bits"] == "0x3ff0000000000001"


@pytest.mark.parametrize("text", ["nan", "-nan", "NaN", "bits:0x7fc00000", "bits:0xffffffff"])
def test_nan(cli, text):
    for tier in ("fast", "exact", "truth"):
        result = cli.json("eval", "tanh", text, "--tier", tier)["results"][0]
        assert (result["x"], result["y"]) == ("nan", "nan")


def test_no_double_rounding(cli):
    # Just above the middle of two floats: by way of double it would round down, to even.
    text = "1.00000005960464477539062500000000000001"
    x = cli.json("eval", "identity", text)["results"][0]
    assert x["bits"] == "0x3f800001"


def test_shortest_decimals(cli):
    out = cli.text("eval", "identity", "0.1", "3.4028235e38", "1e-45", "-0", "16777216", "--json")
    assert '{"x":0.1,"y":0.1,"bits":"0x3dcccccd"}' in out
    assert '"x":1e-45,' in out and '"x":16777216,' in out and '"x":-0.0,' in out
    out = cli.text("eval", "identity", "0.1", "5e-324", "--type", "f64", "--json")
    assert '"x":0.1,' in out and '"x":5e-324,' in out and '"bits":"0x3fb999999999999a"' in out


def test_gelu_where_frameworks_are_wrong(cli):
    mpmath.mp.dps = 60
    xs = ["-5.5", "-6", "-10", "-13"]
    results = cli.json("eval", "gelu", *xs, "--tier", "exact")["results"]
    for x, result in zip(xs, results):
        truth = mpmath.mpf(x) * mpmath.erfc(-mpmath.mpf(x) / mpmath.sqrt(2)) / 2
        assert result["bits"] == bits32(float(truth))
    fast = cli.json("eval", "gelu", *xs)["results"]
    for a, b in zip(fast, results):
        assert abs(int(a["bits"], 16) - int(b["bits"], 16)) <= 4


@pytest.mark.parametrize("type_", ["f32", "f64"])
@pytest.mark.parametrize("order", [0, 1])
def test_truth_is_exact(cli, type_, order):
    xs = ["-20", "-3.7", "-1e-3", "0", "1e-10", "2.5", "17.3", "80"]
    for name in ("sigmoid", "silu", "softplus"):
        truth, exact = (
            cli.json("eval", name, *xs, "--type", type_, "--order", order, "--tier", tier)["results"]
            for tier in ("truth", "exact"))
        assert truth == exact


def test_from_output(cli):
    result = cli.json("eval", "sigmoid", "0.25", "1", "--from-output", "--order", "1")
    assert result["from"] == "output"
    assert [r["y"] for r in result["results"]] == [0.1875, 0]
    assert "range" in cli.fails("eval", "sigmoid", "1.5", "--from-output", "--order", "1")
    assert "--order" in cli.fails("eval", "sigmoid", "0.5", "--from-output")
    assert "gelu" in cli.fails("eval", "gelu", "0.5", "--from-output", "--order", "1")
    assert "truth" in cli.fails(
        "eval", "sigmoid", "0.5", "--from-output", "--order", "1", "--tier", "truth")


# The least and the greatest output, as mathematics; open ends are outputs too once rounded.
RANGES = {
    "identity": ("-inf", "inf"), "leaky_relu": ("-inf", "inf"), "prelu": ("-inf", "inf"),
    "relu": (0, "inf"), "softplus": (0, "inf"), "sigmoid": (0, 1), "tanh": (-1, 1),
    "softsign": (-1, 1), "hard_tanh": (-1, 1), "hard_tanh(min=-0.1,max=0.7)": (-0.1, 0.7),
    "elu": (-1, "inf"), "elu(alpha=0.1)": (-0.1, "inf"), "elu(alpha=0.3)": (-0.3, "inf"),
    "selu": (-1.7580993408473768599, "inf")}


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("type_, dtype", [("f32", np.float32), ("f64", np.float64)])
def test_outputs_reach_the_rounded_ends(cli, name, type_, dtype):
    options = ["--from-output", "--order", "1", "--type", type_]
    for end, outwards in zip((dtype(float(e)) for e in RANGES[name]), (-np.inf, np.inf)):
        assert len(cli.json("eval", name, str(end), *options)["results"]) == 1
        if np.isfinite(end):
            beyond = np.nextafter(end, dtype(outwards))
            assert "range" in cli.fails("eval", name, str(beyond), *options)
    assert "nan is no output" in cli.fails("eval", name, "nan", *options)


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("type_", ["f32", "f64"])
@pytest.mark.parametrize("tier", ["fast", "exact"])
def test_whatever_the_function_returns_is_an_output(cli, name, type_, tier):
    xs = ["-inf", "-1e30", "-800", "-110", "-40", "-17.4", "-1", "-0", "0", "1e-40", "1", "9.1",
          "17.4", "40", "1e30", "inf"]
    ys = [str(r["y"]) for r in cli.json("eval", name, *xs, "--type", type_, "--tier", tier)["results"]]
    results = cli.json("eval", name, *ys, "--from-output", "--order", 1, "--type", type_)["results"]
    assert all(r["y"] != "nan" for r in results)


def test_arrays_of_outputs(cli, tmp_path):
    y, out = np.array([0.5, np.nan], "float32"), tmp_path / "b.npy"
    np.save(tmp_path / "a.npy", y)
    assert "nan is no output of sigmoid" in cli.fails(
        "eval", "sigmoid", "--from-output", "--order", "1", "--input", tmp_path / "a.npy", "--output", out)
    assert not out.exists()


def test_a_negative_prelu_has_no_form_from_output(cli):
    message = cli.fails("eval", "prelu(a=-1)", "1", "--from-output", "--order", "1", "--any-parameters")
    assert "prelu(a=-1) has no derivative computed from its output" in message


def test_many_numbers(cli):
    xs = [str(i / 16) for i in range(-8000, 8000)]
    results = cli.json("eval", "identity", *xs)["results"]
    assert [r["y"] for r in results] == [float(x) for x in xs]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays(cli, tmp_path, dtype):
    x = np.linspace(-30, 30, 3 * 5 * 7, dtype=dtype).reshape(3, 5, 7)
    np.save(tmp_path / "a.npy", x)
    cli.text("eval", "tanh", "--order", 1, "--tier", "exact",
             "--input", tmp_path / "a.npy", "--output", tmp_path / "b.npy")
    y = np.load(tmp_path / "b.npy")
    assert y.shape == x.shape and y.dtype == x.dtype
    mpmath.mp.dps = 50
    for a, b in zip(x.flat, y.flat):
        assert b == x.dtype.type(float(mpmath.sech(float(a)) ** 2))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.npy", "b.npy"]


def test_bad_arrays(cli, tmp_path):
    good, out = tmp_path / "a.npy", tmp_path / "b.npy"
    np.save(good, np.zeros(4, "float32"))
    assert "missing.npy" in cli.fails(
        "eval", "tanh", "--input", tmp_path / "missing.npy", "--output", out)
    (tmp_path / "short.npy").write_bytes(good.read_bytes()[:-3])
    assert "short.npy" in cli.fails("eval", "tanh", "--input", tmp_path / "short.npy", "--output", out)
    assert "/dev/full" in cli.fails("eval", "tanh", "--input", good, "--output", "/dev/full")
    assert "nowhere" in cli.fails("eval", "tanh", "--input", good, "--output", tmp_path / "nowhere/b.npy")
    assert "--output" in cli.fails("eval", "tanh", "--input", good)
    assert "--input" in cli.fails("eval", "tanh", "1", "--input", good, "--output", out)
    assert "--output: its value is empty, expected a file" in cli.fails(
        "eval", "tanh", "--input", good, "--output", "")
    assert "--input: its value is empty" in cli.fails("eval", "tanh", "--input=", "--output", out)
    assert not out.exists()


@pytest.mark.parametrize("text", ["", "abc", "1,5", "0x", "1e", "--5", "bits:0x", "bits:0x1ff800000",
                                  "bits:0xgg", "1_000", "infinit", "."])
def test_bad_numbers(cli, text):
    cli.fails("eval", "tanh", "--", text)


def test_text_shows_value_and_bits(cli):
    assert cli.text("eval", "relu", "-1", "2.5").split() == [
        "-1", "0", "0x00000000", "2.5", "2.5", "0x40200000"]
