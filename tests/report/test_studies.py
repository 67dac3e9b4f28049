"""The built-in studies at a small size: each runs, resumes, keeps to the schema and draws what it
says; and what is mathematics in them holds at any size."""
# SPDX-License-Identifier: Apache-2.0
import json
import math
import os
import pathlib
import shutil
import subprocess

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GRADKEEP_BUILD", ROOT / "build"))
SMALL = ["steps=40", "seed=[1]", "evaluations=3", "samples=3"]
STUDIES = {
    "improved-sigmoid": ["depth=[2, 4]", "learning_rate=[0.01, 0.1]"],
    "linear-collapse": ["learning_rate=[0.01]", "batch=64"],
    "zig-zag": ["learning_rate=[0.03]"],
    "choose": ['data=["two_spirals", "breast_cancer"]', "learning_rate=[0.001, 0.03]"],
    "output": ["learning_rate=[0.1]"],
    "dead-units": ["learning_rate=[0.1, 1]"],
    "explode": [],
    "spectrum": ["depth=[2, 6]", "learning_rate=[0.01]"],
    "foresee": ['activation=["tanh", "relu", "step", "exponential"]', "steps=1", "width=96"],
    "inside": [],
    "similar-inputs": ["learning_rate=[0.1]", "steps=200"],
}


def gradkeep(*arguments):
    program = os.environ.get("GRADKEEP_CLI", BUILD / "cli/gradkeep")
    run = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    return run.stdout


class Report:
    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.page = folder / f"{name}.html"
        self.command = ["study", name, "--output", folder]
        for setting in SMALL + STUDIES[name]:
            self.command += ["--set", setting]
        self.printed = gradkeep(*self.command)
        self.model = json.loads(gradkeep("report", folder / f"{name}.sqlite", "--json"))

    def key(self, row, column):
        """A cell of the table under the verdict."""
        table = self.model["table"]
        place = [i for i, head in enumerate(table["head"]) if column in head]
        assert place, table["head"]
        cells = [r[place[0]] for r in table["rows"] if r[0] == row]
        assert cells, [r[0] for r in table["rows"]]
        return cells[0]

    def table(self, name):
        return next(t for t in self.model["tables"] if t["id"] == name)


def number(text):
    plain = text.replace("−", "-").replace("×10", "e").replace("⁻", "-").rstrip(" %")
    for digit, high in zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"):
        plain = plain.replace(high, digit)
    return float(plain)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    made = {}

    def make(name):
        if name not in made:
            made[name] = Report(name, tmp_path_factory.mktemp(name))
        return made[name]

    return make


def test_every_built_in_study_is_tested():
    listed = json.loads(gradkeep("study", "--list", "--json"))["studies"]
    assert {s["name"] for s in listed} == set(STUDIES) | {"depth"}


@pytest.mark.parametrize("name", STUDIES)
def test_report_keeps_to_its_schema(report, name):
    r = report(name)
    jsonschema.validate(r.model, json.loads((ROOT / "docs/schema/report.schema.json").read_text()))
    assert r.page.stat().st_size < 1_000_000
    assert r.model["verdict"]["headline"] and r.model["verdict"]["text"]
    assert sum(bool(f.get("lead")) for f in r.model["figures"]) == 1
    for sentence in [r.model["verdict"]["headline"], *r.model["verdict"]["text"]]:
        assert "nan" not in sentence.lower().split() and "–" not in sentence.split(), sentence
        assert "  " not in sentence and sentence.endswith("."), sentence


@pytest.mark.parametrize("name", STUDIES)
def test_a_second_start_repeats_no_run(report, name):
    again = gradkeep(*report(name).command)
    assert "\n0 runs in" in again, again[-300:]


@pytest.mark.parametrize("name", STUDIES)
def test_page_draws_every_figure(report, name):
    workshop = BUILD / "report/charts"
    if not (workshop / "node_modules/playwright-core").is_dir():
        pytest.skip("the charts came prebuilt (GRADKEEP_CHARTS_BUNDLE): no playwright to drive with")
    chromium = shutil.which("chromium") or pytest.skip("no chromium installed")
    scheme = "dark" if len(name) % 2 else "light"
    run = subprocess.run(
        ["node", ROOT / "tests/report/page.mjs", workshop, chromium, report(name).page, scheme],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr


def test_linear_stacks_are_one_layer(report):
    table = report("linear-collapse").model["table"]
    at = {head: i for i, head in enumerate(table["head"])}
    distance = {(r[0], r[1]): number(r[at["distance from linear"]]) for r in table["rows"]}
    for (data, network), value in distance.items():
        if network == "one layer" or network.startswith("identity"):
            assert value < 1e-12, (data, network)
        else:
            assert value > 1e-2, (data, network)
    assert any("convolution" in network for _, network in distance)


def test_positive_inputs_push_one_way(report):
    r = report("zig-zag")
    for function in ("sigmoid", "relu"):
        assert r.key(function, "one way") == "100.0 %"
    for function in ("tanh", "elu", "centred sigmoid"):
        assert 50 < number(r.key(function, "one way")) < 75


def test_relu_doubles_the_gradient_at_twice_the_critical_size(report):
    r = report("explode")
    assert number(r.key("relu × 1", "gain")) == pytest.approx(1, abs=0.05)
    assert number(r.key("relu × 2", "gain")) == pytest.approx(2, abs=0.1)
    assert r.key("relu × 4", "overflow") != "none"
    assert r.key("tanh × 4", "overflow") == "none"
    unscaled = number(r.key("relu × 1, skips, branches unscaled", "gain"))
    assert unscaled == pytest.approx(math.sqrt(2), abs=0.05)


def test_equal_eigenvalues_unequal_jacobians(report):
    r = report("spectrum")
    assert number(r.key("orthogonal", "largest eigenvalue")) == pytest.approx(1, abs=1e-3)
    assert number(r.key("orthogonal", "condition of a layer")) == pytest.approx(1, abs=1e-3)
    triangular = "triangular 0.9"
    assert number(r.key(triangular, "largest eigenvalue")) == pytest.approx(math.sqrt(0.1), abs=1e-2)
    assert number(r.key(triangular, "condition of a layer")) > 100
    assert number(r.key(triangular, "condition of the Jacobian")) > 1e3 * number(
        r.key("orthogonal", "condition of the Jacobian, identity"))


def test_scorecard_and_the_error_when_confidently_wrong(report):
    r = report("output")
    note = r.table("scorecard")["note"]
    assert "factor = 28.8539" in note and "offset = 487.1229" in note
    row = next(row for row in r.table("wrong")["rows"] if row[0] == "−8")
    assert float(row[2]) == pytest.approx(1, abs=1e-3)
    assert number(row[3]) == pytest.approx(3.35e-4, rel=0.02)
    softmax = [row for row in r.model["table"]["rows"] if row[0].startswith("softmax")]
    assert softmax and all(float(row[-1]) == pytest.approx(1, abs=1e-4) for row in softmax)


def test_improved_sigmoid_leaves_the_unit_interval(report):
    rows = {row[0]: row for row in report("improved-sigmoid").table("outside")["rows"]}
    assert rows["2, 0.1"][1] == "28.7 %" and rows["3, 0.05"][1] == "32.4 %"
    assert float(rows["2, 0.1"][2]) == pytest.approx(1.064, abs=1e-3)


def test_only_relu_dies_by_mathematics(report):
    rows = report("dead-units").model["table"]["rows"]
    dead = {name: max((number(v) for v in row if v != "overflow"), default=0)
            for name, *_, row in [(r[0], r[2:]) for r in rows]}
    for row in rows:
        shares = [number(v) for v in row[2:] if v not in ("overflow", "–")]
        if row[0] in ("leaky_relu", "sigmoid"):
            assert all(v == 0 for v in shares), row
    assert dead["relu"] > 10


def test_theory_foresees_gains_and_says_where_it_cannot(report):
    r = report("foresee")
    gains = next(f for f in r.model["figures"] if f["id"] == "gain")
    off = {s["label"]: s["row"]["mid"] for s in gains["series"]}
    assert all(abs(v) < 15 for v in off["tanh"] + off["relu"])
    assert off["step"] == [None] * 5
    assert "network" in r.model["verdict"]["text"][-1]


def test_deep_sigmoids_lose_the_examples_and_skips_keep_them(report):
    r = report("inside")
    assert number(r.key("sigmoid", "read-out, layer 1")) > 85
    assert number(r.key("sigmoid", "read-out last, start")) < 40
    assert number(r.key("sigmoid, skips", "read-out last, start")) > 85
    assert any(f["id"] == "forward" for f in r.model["findings"])
    heat = next(f for f in r.model["figures"] if f["id"] == "outputs-1")
    columns = zip(*(series["row"]["mid"] for series in heat["series"]))
    assert all(sum(column) == pytest.approx(1, abs=1e-3) for column in columns)


def test_duplicates_leave_the_units_where_they_were(report):
    r = report("similar-inputs")
    for function in ("sigmoid", "tanh", "relu"):
        once, often = (number(r.key(function, f"saturated, {w}")) for w in ("once", "most repeated"))
        assert often == pytest.approx(once, abs=8)
        assert number(r.key(function, "cosine, most alike")) > 0.99
