"""gradkeep as others use it: core and flow, installed or as a folder, with C++ and Highway alone.

The consumer is examples/, whose programs end with what they print.
"""
# SPDX-License-Identifier: Apache-2.0

import re
import shutil
import subprocess

import pytest


@pytest.fixture(scope="module", params=["find_package", "add_subdirectory"])
def examples(request, root, built, tmp_path_factory):
    """The examples, copied away from the sources and built either way."""
    source = tmp_path_factory.mktemp(request.param) / "examples"
    shutil.copytree(root / "examples", source)
    if request.param == "find_package":
        option = f"-DCMAKE_PREFIX_PATH={request.getfixturevalue('installed')}"
        return built(source, source / "build", option)
    return built(source, source / "build", f"-DGRADKEEP_SOURCE={root}", "-DGRADKEEP_FEW_TARGETS=ON")


def test_every_example_prints_what_it_says(examples, root, execute):
    programs = sorted((root / "examples").glob("*.cc"))
    assert programs
    for program in programs:
        promised = program.read_text().partition("\n// Output:\n")[2]
        assert promised, f"{program.name} does not end with its output"
        assert execute(examples / program.stem) == re.sub("^// ?", "", promised, flags=re.M)


def test_a_consumer_loads_only_cpp_and_highway(examples):
    program = next(examples.glob("010-*"))
    needed = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True)
    libraries = set(re.findall(r"NEEDED.*\[(\w+)", needed.stdout))
    assert libraries <= {"libc", "libm", "libstdc", "libgcc_s", "libhwy", "ld"}


def test_the_installed_package_refuses_another_version(installed, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(other CXX)\n"
        "find_package(gradkeep 7.0 CONFIG REQUIRED)\n")
    done = subprocess.run(
        ["cmake", "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={installed}"],
        capture_output=True, text=True)
    assert done.returncode != 0 and "compatible with requested version" in done.stderr
