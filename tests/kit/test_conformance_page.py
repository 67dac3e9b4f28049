"""tools/conformance_page makes docs/conformance.md: its shape, on a target with two functions, one of
which is right."""
# SPDX-License-Identifier: Apache-2.0

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GRADKEEP_BUILD", ROOT / "build")).resolve()

# identity is right; silu is lost from -10 on and NaN at -inf.
TOY = f"""
import sys
sys.path.insert(0, {str(ROOT / "kit" / "frameworks")!r})
import answer
import numpy as np

def silu(x):
    return np.where(x < -10, x.dtype.type(0) * x, x / (1 + np.exp(-np.maximum(x, -20))))

def calculate(f, x, order):
    if order:
        raise answer.Unsupported("no slopes")
    return f(x).astype(x.dtype)

answer.serve(answer.Framework(title="Toy 7.1", calculate=calculate, tensor=lambda x: x,
                              operations={{"identity": lambda x: x, "silu": silu}}))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    (folder / "toy.py").write_text(TOY)

    def tool(*words):
        return subprocess.run(
            [ROOT / "tools" / "conformance_page", BUILD, folder, "--types", "f32,f64", *words],
            capture_output=True, text=True, cwd=folder)

    done = tool("--target", "Toy", "limit", f"{sys.executable} {folder}/toy.py")
    assert done.returncode == 0, done.stderr
    return folder, tool


def test_a_target_has_its_tables(made):
    page = (made[0] / "conformance.md").read_text()
    assert re.search(r"^\| \[Toy\]\(#toy\) \| 2 \| 4 \| 2 \| 2 \| 2 \|", page, re.MULTILINE), page
    assert "Toy 7.1; dialect `limit`; 2 of 4 rows conform. Measured in float32, float64 on " in page
    assert "| function | value f32 | value f64 |" in page
    assert re.search(r"^\| identity \| 0 \| 0 \|$", page, re.MULTILINE)
    assert re.search(r"^\| silu \| \S+e7 ✗ NaN \| \S+e\d+ ✗ NaN \|$", page, re.MULTILINE), page
    [lost] = re.findall(r"^- \*\*Zero where the value is representable\*\*: value of silu\. .*$", page,
                        re.MULTILINE)
    assert re.search(r"silu in float32 at -10\.\d+ is -?0, not -0\.000\d+", lost)


def test_it_is_drawn_again_from_what_was_kept(made):
    folder, tool = made
    before = (folder / "conformance.md").read_text()
    (folder / "toy.py").unlink()
    done = tool("--keep", "--target", "Toy", "limit", "nothing")
    assert done.returncode == 0, done.stderr
    assert (folder / "conformance.md").read_text() == before
    done = tool("--target", "Toy", "limit", "nothing", "--only", "Other")
    assert done.returncode == 0 and (folder / "conformance.md").read_text() == before
    done = tool("--keep", "--target", "Other", "limit", "nothing")
    assert (done.returncode, done.stderr) == (1, "tools/conformance_page: no target was found\n")


def test_the_page_in_the_repository_is_what_was_kept(tmp_path):
    shutil.copy(ROOT / "docs" / "conformance.json.gz", tmp_path)
    subprocess.run([ROOT / "tools" / "conformance_page", BUILD, tmp_path, "--keep"], check=True)
    assert (tmp_path / "conformance.md").read_text() == (ROOT / "docs" / "conformance.md").read_text()


def test_the_page_in_the_repository_names_all_targets():
    lines = (ROOT / "docs" / "conformance.md").read_text().splitlines()
    assert len(lines) < 500
    for title in ("gradkeep", "PyTorch", "JAX", "TensorFlow", "Keras over TensorFlow",
                  "Keras over PyTorch", "ONNX Runtime", "oneDNN", "SLEEF", "MKL"):
        assert f"## {title}" in lines
