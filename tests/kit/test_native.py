"""Libraries in C as targets (bench/core/check_native.cc), where the benchmarks are built: they tell their
version, and answer for the functions that are their own."""
# SPDX-License-Identifier: Apache-2.0

import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GRADKEEP_BUILD", ROOT / "build"))
GRADKEEP = os.environ.get("GRADKEEP_CLI", BUILD / "cli" / "gradkeep")
OWN = {"oneDNN": {"value tanh", "value silu", "slope tanh", "slope silu", "value softmax", "backward softmax",
                  "value hard_tanh(min=-1, max=1)", "slope hard_tanh(min=-1, max=1)"},
       "SLEEF": {"value tanh", "value sine", "slope sine"},
       "MKL": {"value tanh", "value sine", "slope sine"}}


@pytest.mark.parametrize("name", OWN)
def test_a_library_answers_for_what_is_its_own(name):
    file = BUILD / "bench" / "core" / f"libcheck_{name.lower()}.so"
    if not file.is_file():
        pytest.skip(f"{file} is missing: ninja benchmarks makes it")
    done = subprocess.run(
        [GRADKEEP, "check", file, "tanh", "silu", "sine", "hard_tanh", "prelu", "softmax", "sparsemax", "--dialect", "onednn",
         "--budget", "0.1s", "--types", "f32", "--json"],
        capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert done.returncode <= 1, done.stderr
    report = json.loads(done.stdout)
    assert f".so {name} " in report["target"] or report["target"].endswith(" not found")
    rows = {f"{row['what']} {row['function']}": row for row in report["results"] if row["supported"]}
    if report["target"].endswith(" not found"):
        assert not rows
        return
    assert set(rows) == OWN[name]
    for question, row in rows.items():
        wrong = [f for f in row["findings"] if f["kind"] in ("failure", "lanes", "in_place", "changes")]
        assert not wrong, question
    # Its own function with its own parameters, and no other.
    for question in rows.keys() - {"value silu", "slope silu", "slope tanh", "value softmax", "backward softmax"}:
        assert float(rows[question]["mean_ulp"]) < 4, question
    if name == "oneDNN":
        assert float(rows["value softmax"]["sum_error"]) < 1e-5
