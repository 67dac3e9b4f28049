"""gradkeep study, report and train, on networks small enough for a second."""
# SPDX-License-Identifier: Apache-2.0
import csv
import os
import pathlib
import signal
import subprocess
import time

import pytest

STUDY = """
name = "small"
title = "Does it run?"
description = "A study for tests."
data = "xor"
rows = 80
activation = ["sigmoid", "relu"]
depth = [1, 3]
width = 6
steps = 20
evaluations = 3
samples = 2
"""
ONE = STUDY.replace('["sigmoid", "relu"]', '"tanh"').replace("[1, 3]", "2")


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(STUDY)
    return path


def test_list(cli):
    assert any(s["name"] == "depth" for s in cli.json("study", "--list")["studies"])
    assert "depth" in cli.text("study", "--list")


def test_study_runs_once(cli, spec, tmp_path):
    out = tmp_path / "out"
    first = cli.json("study", spec, "--output", out)
    assert (first["total"], first["ran"], first["reused"]) == (4, 4, 0)
    again = cli.json("study", spec, "--output", out)
    assert (again["total"], again["ran"], again["reused"]) == (4, 0, 4)
    assert first["verdict"] and again["verdict"] == first["verdict"]
    assert "<html" in (out / "small.html").read_text()
    text = cli.text("study", spec, "--output", out)
    assert first["verdict"].split()[0] in text and "small.html" in text and "4 found" in text
    page = tmp_path / "elsewhere.html"
    assert cli.json("study", spec, "--output", out, "--page", page)["report"] == str(page)
    assert page.read_bytes() == (out / "small.html").read_bytes()


def test_report_again(cli, spec, tmp_path):
    out = tmp_path / "out"
    cli.text("study", spec, "--output", out)
    page = (out / "small.html").read_bytes()
    (out / "small.html").unlink()
    cli.text("report", out / "small.sqlite")
    assert (out / "small.html").read_bytes() == page
    model = cli.json("report", out / "small.sqlite", "-o", tmp_path / "other.html")
    assert model["schema_version"] == 1
    assert (tmp_path / "other.html").read_bytes() == page


def test_settings(cli, spec, tmp_path):
    def run(folder, *settings):
        words = [word for setting in settings for word in ("--set", setting)]
        return cli.json("study", spec, "--output", tmp_path / folder, *words)

    assert run("all")["total"] == 4
    assert run("some", "depth=2")["total"] == 2
    assert run("other", "depth = [1, 2, 3]", "activation=tanh")["total"] == 3
    model = cli.json("report", tmp_path / "other" / "small.sqlite")
    assert model["study"]["activations"] == ["tanh"]
    assert model["study"]["spec"].endswith("# --set depth = [1, 2, 3]\n# --set activation=tanh\n")
    for setting in ("dept=2", "depth=x", "depth", "depth=[1", "=", "depth=1.5"):
        message = cli.fails("study", spec, "--set", setting)
        assert f"--set {setting}: " in message, message
    assert "did you mean \"depth\"" in cli.fails("study", spec, "--set", "dept=2")
    assert "zag" in cli.fails("study", spec, "--set", "report=zag")


def test_train(cli, tmp_path):
    path = tmp_path / "one.toml"
    path.write_text(ONE)
    result = cli.json("train", path)
    assert [p["step"] for p in result["curve"]][-1] == 20
    assert result["diagnosis"]["verdict"]
    table = tmp_path / "one.csv"
    assert "test loss" in cli.text("train", path, "--measures", table)
    rows = list(csv.DictReader(table.open()))
    assert {row["step"] for row in rows if row["probe"] == "gradient_rms"} >= {"0", "20"}
    assert all(float(row["value"]) > 0 for row in rows if row["probe"] == "gradient_rms")
    path.write_text(STUDY)
    assert "activation" in cli.fails("train", path)


def test_bad_specs(cli, spec, tmp_path):
    spec.write_text(STUDY + 'wdith = 3\n')
    message = cli.fails("study", spec)
    assert "wdith" in message and "width" in message
    spec.write_text("name = \n")
    assert "small.toml" in cli.fails("study", spec)
    assert "--threads" in cli.fails("study", "depth", "--threads", "-1")
    assert "study --list" in cli.fails("study")
    assert not (pathlib.Path.cwd() / "gradkeep-out" / "small.sqlite").exists()


def test_a_folder_that_cannot_be(cli, spec, tmp_path):
    (tmp_path / "file").write_text("")
    assert "file" in cli.fails("study", spec, "--output", tmp_path / "file" / "out")
    (tmp_path / "text.sqlite").write_text("no store at all, but quite a long text instead")
    assert "text.sqlite" in cli.fails("report", tmp_path / "text.sqlite")
    assert "report" not in os.listdir(tmp_path)


def test_progress_on_a_terminal_only(cli, spec, tmp_path):
    shown = cli.on_a_terminal("study", spec, "--output", tmp_path / "out", stdout=subprocess.DEVNULL)
    assert "4/4 runs" in shown and shown.endswith("\r\x1b[K")


def test_interrupted_and_continued(cli, tmp_path):
    spec = tmp_path / "long.toml"
    spec.write_text(STUDY.replace("steps = 20", "steps = 20000").replace("[1, 3]", "[1, 2, 3, 4]"))
    out = tmp_path / "out"
    process = subprocess.Popen([cli.program, "study", spec, "--output", out, "--threads", "1"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    if process.returncode == 0:
        pytest.skip("the study was done before it could be interrupted")
    assert process.returncode == 2 and not stdout
    assert "continues" in stderr and stderr.count("\n") == 1
    result = cli.json("study", spec, "--output", out)
    assert result["ran"] + result["reused"] == 8
