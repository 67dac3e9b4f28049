"""examples/check/github-action.yml: its steps are run as a runner would, in an empty folder with a kernel and
gradkeep beside it, and end as they promise. What installs and builds has been done by whoever runs this test; of
it is asked whether it is there."""
# SPDX-License-Identifier: Apache-2.0

import os
import pathlib
import re
import shutil
import subprocess
import xml.etree.ElementTree

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("GRADKEEP_CLI", ROOT / "build/cli/gradkeep")).absolute()
TEXT = (ROOT / "examples" / "check" / "github-action.yml").read_text()
# Of a list as flat as this one no more has to be understood.
STEPS = re.findall(r"^      - (.*(?:\n {8,}.*)*)", TEXT, re.MULTILINE)
COMMANDS = [step.removeprefix("run: ") for step in STEPS if step.startswith("run: ")]


@pytest.fixture()
def workspace(tmp_path):
    """What the two checkouts and the build leave."""
    shutil.copy(ROOT / "examples" / "check" / "kernel.c", tmp_path)
    (tmp_path / "gradkeep" / "build" / "cli").mkdir(parents=True)
    for name in ("run", "core"):
        (tmp_path / "gradkeep" / name).symlink_to(ROOT / name)
    (tmp_path / "gradkeep" / "build" / "cli" / "gradkeep").symlink_to(PROGRAM)
    return tmp_path


def test_the_steps_are_what_this_test_knows():
    assert [re.search(r"(?:run|uses): (\S+)", step)[1] for step in STEPS] == [
        "apt-get", "actions/checkout@v4", "actions/checkout@v4", "actions/cache@v4", "gradkeep/run", "cc",
        "gradkeep/build/cli/gradkeep", "actions/upload-artifact@v4"]


def test_the_build_is_a_verb(workspace):
    install, build, *_ = COMMANDS
    assert install.endswith(" git")  # or the second checkout would be no clone
    program, verb = build.split()
    said = subprocess.run([workspace / program, "help"], capture_output=True, text=True, check=True)
    assert re.search(rf"^  {verb}  ", said.stdout, re.MULTILINE)


def test_what_follows_the_build_runs_and_tells_a_wrong_kernel(workspace):
    *_, compile_it, check = COMMANDS
    assert subprocess.run(["sh", "-e", "-c", compile_it], cwd=workspace).returncode == 0
    done = subprocess.run(["sh", "-e", "-c", f"{check} --budget 0.1s"], cwd=workspace, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "2 rows do not conform" in done.stdout
    [pattern] = re.findall(r"path: (.*\*)$", TEXT, re.MULTILINE)
    assert sorted(file.name for file in workspace.glob(pattern)) == ["conformance.html", "conformance.xml"]
    assert xml.etree.ElementTree.parse(workspace / "conformance.xml").getroot().get("failures") == "2"


def test_the_cache_is_where_the_compiler_looks():
    [folder] = re.findall(r"CCACHE_DIR: \$\{\{ github\.workspace \}\}/(\S+)", TEXT)
    [kept] = re.findall(r"cache@v4\n.*\n\s+path: (\S+)", TEXT)
    assert folder == kept
    assert "ccache" in (ROOT / "run").read_text()
