"""What is known to be wrong with functions of rows in PyTorch 2.13 is found by the kit. As in test_known.py the
framework is asked first, so that a row which another release or processor does not show is skipped, not missed."""
# SPDX-License-Identifier: Apache-2.0

import json
import os
import subprocess

import framework_targets as targets
import numpy as np
import pytest


def lost_in(report):
    [result] = json.loads(report)["results"]
    [lost] = [finding for finding in result["findings"] if finding["kind"] == "lost"]
    return lost


def test_a_gradient_that_softmax_loses_is_found(tmp_path):
    """One element dominates: softmax of it is 1 - 1.6e-8, which rounds to 1, and its gradient becomes 0."""
    [torch] = [program for program in targets.PROGRAMS if program.name == "torch"]
    target = targets.start(torch)
    x, dy = [20.0] + [0.0] * 8, [1.0] + [0.0] * 8
    answered = target.ask("backward softmax(axis=1)", np.array([x + dy], "<f4"))
    target.end()
    if answered[0, 0] != 0:
        pytest.skip(f"here the gradient is {answered[0, 0]}, and 0 is known")
    gradkeep = os.environ.get("GRADKEEP_CLI", targets.ROOT / "build" / "cli" / "gradkeep")
    command = f"{targets.python_for(torch)} {targets.FRAMEWORKS / torch.file}.py"
    done = subprocess.run(
        [gradkeep, "check", command, "softmax", "--only", "backward", "--dialect", "torch", "--types", "f32",
         "--budget", "0.01s", "--timeout", "60s", "--json"],
        capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert done.returncode == 1, done.stderr
    assert lost_in(done.stdout)["count"] > 100
    # The row that was asked is one of them.
    bits = ",".join(f"0x{word:08x}" for word in np.array(x + dy, "<f4").view("<u4"))
    (tmp_path / "row.txt").write_text(f"backward softmax(axis=1) f32 {bits}\n")
    done = subprocess.run([gradkeep, "check", command, "--dialect", "torch", "--replay", tmp_path / "row.txt",
                           "--timeout", "60s", "--json"], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    lost = lost_in(done.stdout)
    assert lost["where"].startswith("element 0 of a row of 9") and float(lost["want"]["value"]) != 0
