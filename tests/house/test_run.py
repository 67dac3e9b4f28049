"""./run on machines that lack something: it names what is missing and never claims success."""
# SPDX-License-Identifier: Apache-2.0

import os
import re
import shutil
import stat
import subprocess

import pytest

# What ./run itself calls; everything else is hidden from it.
TOOLS = ("bash", "awk", "cat", "comm", "cut", "dirname", "env", "grep", "head", "mkdir", "nproc",
         "printf", "sed", "sort", "tail", "tr")


def program(folder, name, text):
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def machine(tmp_path, root):
    """A copy of ./run in an empty project, and a PATH with nothing but small tools."""
    project, tools = tmp_path / "project", tmp_path / "bin"
    (project / "tools").mkdir(parents=True)
    tools.mkdir()
    shutil.copy(root / "run", project)
    shutil.copy(root / "tools" / "packages.txt", project / "tools")
    for name in TOOLS:
        (tools / name).symlink_to(shutil.which(name))
    return project, tools


def run(machine, *words):
    project, tools = machine
    return subprocess.run([project / "run", *words], env={"PATH": str(tools), "HOME": str(project)},
                          capture_output=True, text=True, cwd=project)


@pytest.mark.parametrize("verb", ["demo", "build", "test"])
def test_without_apt_it_names_the_packages_and_stops(machine, verb):
    done = run(machine, verb)
    assert done.returncode == 2
    assert "missing: " in done.stderr and "libhwy-dev" in done.stderr
    assert ("libgtest-dev" in done.stderr) == (verb == "test")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root needs no sudo")
def test_without_root_and_sudo_it_gives_the_command(machine):
    program(machine[1], "apt-get", "exit 0")
    done = run(machine, "build")
    assert done.returncode == 2
    assert "needs root or sudo once, for: apt-get install" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="as root, apt-get is called at once")
def test_a_failed_installation_is_shown(machine):
    program(machine[1], "apt-get", 'echo "E: no network: $1"; exit 100')
    done = run(machine, "build")
    assert done.returncode == 1
    assert "E: no network: update" in done.stderr and "failed with status 100" in done.stderr


def test_packages_that_are_there_are_not_asked_for(machine):
    program(machine[1], "dpkg-query", 'shift 3; for p; do echo "$p installed"; done')
    program(machine[1], "node", "echo v22.1.0")
    program(machine[1], "npm", "exit 0")
    done = run(machine, "setup", "build")
    assert done.returncode == 0 and done.stderr == ""


def test_what_is_optional_is_done_without_and_the_reason_kept(machine):
    project, tools = machine
    home = project / ".venv" / "frameworks"
    (home / "bin").mkdir(parents=True)
    program(home / "bin", "pip", 'case "$*" in *torch*) echo "ERROR: none here"; exit 1; esac')
    program(tools, "node", "echo v22.1.0")
    program(tools, "npm", "exit 0")
    done = run(machine, "setup", "frameworks")
    assert done.returncode == 0, done.stderr
    [torch] = (home / "missing.txt").read_text().splitlines()
    assert re.fullmatch(r"torch==[\d.]+\+cpu: ERROR: none here", torch)
    assert f"went on without {torch}\n" in done.stderr
    assert re.search(r"installed from PyPI keras==\S+ in \d+ s\n", done.stderr)


def test_an_unknown_verb_is_wrong_use(machine):
    done = run(machine, "demp")
    assert done.returncode == 2 and "no verb 'demp'" in done.stderr


def test_help_names_every_verb(machine, root):
    text = run(machine, "help").stdout
    verbs = [line.split("(")[0][len("verb_"):] for line in (root / "run").read_text().splitlines()
             if line.startswith("verb_")]
    assert len(verbs) >= 7
    assert not [verb for verb in verbs if f"\n  {verb} " not in text]
