"""What the README shows is what happens: its program is compiled, its commands are run.

A block of commands begins with `$`; what follows, up to the next command, is their output. A C++
block is a whole program, and the text block after it is what it prints. Commands without an output
are only held to exist, since the tests cannot call themselves.
"""
# SPDX-License-Identifier: Apache-2.0

import json
import math
import re
import shlex
import subprocess
import tomllib

import pytest

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DOCUMENTS = ("README.md", "HACKING.md", "CONTRIBUTING.md", "docs/README.md", "docs/claims.md",
             "docs/arrays.md")


def blocks(root, language):
    return [text for kind, text in BLOCK.findall((root / "README.md").read_text())
            if kind == language]


def commands(root):
    """(command, its output) pairs; the output is None where the README shows none."""
    for block in blocks(root, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output or None


def test_the_program_prints_what_the_readme_says(root, built, installed, execute, tmp_path):
    [program], [output], [project] = (blocks(root, kind) for kind in ("cpp", "text", "cmake"))
    (tmp_path / "main.cc").write_text(program)
    (tmp_path / "CMakeLists.txt").write_text(
        f"cmake_minimum_required(VERSION 3.25)\nproject(readme CXX)\n{project}")
    binary = built(tmp_path, tmp_path / "build", f"-DCMAKE_PREFIX_PATH={installed}")
    assert execute(binary / "my_program") == output


def test_commands_print_what_the_readme_says(root, cli, tmp_path):
    shown = [(command, output) for command, output in commands(root) if output]
    assert shown
    for command, output in shown:
        words = shlex.split(command)
        assert words[:2] == ["./run", "gradkeep"]
        done = subprocess.run([cli, *words[2:]], capture_output=True, text=True, cwd=tmp_path,
                              env={"NO_COLOR": "1"})
        assert done.returncode == 0, done.stderr
        assert done.stdout.rstrip() == output.rstrip()


def test_the_demo_is_as_large_as_the_readme_says(root):
    study = tomllib.loads((root / "lab" / "studies" / "depth.toml").read_text())
    runs = sum(math.prod(len(axis) for axis in part.values() if isinstance(axis, list)) for part in study["grid"])
    assert f"trains {runs} small networks" in (root / "README.md").read_text()


def test_there_are_as_many_functions_as_the_readme_says(root, cli, execute):
    there = len(json.loads(execute(cli, "list", "--json"))["functions"])
    assert f"each of its {there} functions" in (root / "README.md").read_text()


def test_every_verb_named_in_the_documents_exists(root, execute):
    listed = set(re.findall(r"^  (\w+) ", execute(root / "run", "help"), flags=re.MULTILINE))
    for document in DOCUMENTS:
        named = set(re.findall(r"\./run (\w+)", (root / document).read_text()))
        assert named <= listed, document


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(root, document):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", (root / document).read_text())
    folder = (root / document).parent
    assert not [link for link in links
                if not link.startswith("https://") and not (folder / link).exists()]


def test_the_budget_names_every_phase_of_ci(root):
    phases = re.findall(r"^\s*(?:\S+ \|\| )?phase (\S+) ", (root / ".ci" / "run").read_text(),
                        flags=re.MULTILINE)
    allotted = dict(re.findall(r"^\| (\S+) \| (\d+) \|$", (root / "HACKING.md").read_text(),
                               flags=re.MULTILINE))
    assert phases and set(phases) == set(allotted)
    assert sum(map(int, allotted.values())) <= 45
