"""The report as its reader gets it: a small study through the command line, its model against the
schema, and the page opened from disk in headless Chromium; and a page with every kind of figure
that a reading may ask for, over data that charts trip over."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import pathlib
import shutil
import subprocess

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GRADKEEP_BUILD", ROOT / "build"))
STUDY = """
name = "small"
title = "A small study"
description = "For the tests."
data = "digits"
activation = ["sigmoid", "relu", "prelu"]
initialiser = ["plain", "matched"]
depth = [1, 6]
seed = [1, 2]
width = 16
optimiser = "sgd"
learning_rate = 0.1
steps = 60
evaluations = 4
samples = 2
targets = [2.0, 0.5]
"""


def gradkeep(*arguments):
    program = os.environ.get("GRADKEEP_CLI", BUILD / "cli/gradkeep")
    return subprocess.run(
        [program, *map(str, arguments)], check=True, capture_output=True, text=True, timeout=300
    ).stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    (folder / "small.toml").write_text(STUDY)
    gradkeep("study", folder / "small.toml", "--output", folder / "out")
    return folder


@pytest.fixture(scope="module")
def store(folder):
    (store,) = (folder / "out").glob("*.sqlite")
    return store


def test_model_keeps_to_its_schema_and_is_in_the_page(store, folder):
    page = folder / "model.html"
    model = json.loads(gradkeep("report", store, "-o", page, "--json"))
    jsonschema.validate(model, json.loads((ROOT / "docs/schema/report.schema.json").read_text()))
    text = page.read_text()
    inside = text.split('id="gradkeep-model">')[1].split("</script>")[0]
    assert json.loads(inside) == model


def test_same_store_same_bytes_under_a_megabyte(store, folder):
    pages = [folder / "a.html", folder / "b.html"]
    for page in pages:
        gradkeep("report", store, "-o", page)
    assert pages[0].read_bytes() == pages[1].read_bytes()
    assert pages[0].stat().st_size < 1_000_000


def workshop():
    folder = BUILD / "report/charts"
    if not (folder / "node_modules/playwright-core").is_dir():
        pytest.skip("the charts came prebuilt (GRADKEEP_CHARTS_BUNDLE): no playwright to drive with")
    return folder


def test_charts_are_well_typed():
    run = subprocess.run(
        ["node", "node_modules/typescript/bin/tsc", "--noEmit"],
        cwd=workshop(), capture_output=True, text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def look_at(page, scheme):
    chromium = shutil.which("chromium") or pytest.fail("the Debian package chromium is missing")
    run = subprocess.run(
        ["node", ROOT / "tests/report/page.mjs", workshop(), chromium, page, scheme],
        capture_output=True, text=True, timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_in_a_browser(store, folder, scheme):
    page = folder / f"{scheme}.html"
    gradkeep("report", store, "-o", page)
    look_at(page, scheme)


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    program = BUILD / "tests/report/toy_page"
    subprocess.run([program, folder], check=True, timeout=60)
    return folder


def test_model_of_a_reading_keeps_to_the_schema(toy):
    model = json.loads((toy / "toy.json").read_text())
    jsonschema.validate(model, json.loads((ROOT / "docs/schema/report.schema.json").read_text()))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_of_figure_in_a_browser(toy, scheme):
    look_at(toy / "toy.html", scheme)
