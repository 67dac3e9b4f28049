"""gradkeep as others use it: core and flow, installed or as a folder, with C++ and Highway alone.

The consumer is examples/, whose programs end with what they print. 060 adds a function to the
library and so needs its sources; the others build either way.
"""
# SPDX-License-Identifier: Apache-2.0

import collections
import math
import re
import shutil
import subprocess

import numpy
import pytest

# All that the examples call, so that nothing else has to be compiled.
USED = ("elu", "gelu", "improved_sigmoid", "relu", "sigmoid", "tanh")


@pytest.fixture(scope="module", params=["find_package", "add_subdirectory"])
def examples(request, root, built, tmp_path_factory):
    """The examples, copied away from the sources and built either way."""
    source = tmp_path_factory.mktemp(request.param) / "examples"
    shutil.copytree(root / "examples", source)
    if request.param == "find_package":
        option = f"-DCMAKE_PREFIX_PATH={request.getfixturevalue('installed')}"
        return built(source, source / "build", option)
    # Beside the main build, with which it then shares what the compiler made of the same sources.
    binary = root / "build-consumer"
    shutil.rmtree(binary, ignore_errors=True)
    return built(source, binary, f"-DGRADKEEP_SOURCE={root}", "-DGRADKEEP_WERROR=ON",
                 f"-DGRADKEEP_FUNCTIONS={';'.join(USED)}")


def test_every_example_prints_what_it_says(examples, root, execute, tmp_path):
    sources = [*(root / "examples").glob("*.cc"), *(root / "examples").glob("*.c")]
    programs = {program.stem: program for program in sources}
    made = {file.name for file in examples.glob("[0-9]*")}
    left_out = {"060-your-own-function"} if "find_package" in str(examples) else set()
    assert set(programs) - made == left_out
    for name in made:
        end = re.search(r"\n(//|/\*) Output:\n(.*?)( \*/\n)?\Z", programs[name].read_text(), re.S)
        assert end, f"{programs[name].name} does not end with its output"
        promised = re.sub(r"^(//| \*) ?", "", end[2], flags=re.M)
        assert execute(examples / name, cwd=tmp_path) == promised


def test_numpy_reads_the_values_and_slopes(examples, execute, tmp_path):
    execute(examples / "040-thousand-inputs", cwd=tmp_path)
    sigma = lambda x: 1 / (1 + numpy.exp(-x))
    cdf = numpy.vectorize(lambda x: math.erfc(-x / math.sqrt(2)) / 2)
    density = lambda x: numpy.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    formulas = {
        "sigmoid": (sigma, lambda x: sigma(x) * sigma(-x)),
        "tanh": (numpy.tanh, lambda x: numpy.cosh(x) ** -2),
        "relu": (lambda x: numpy.maximum(x, 0), lambda x: x > 0),
        "gelu": (lambda x: x * cdf(x), lambda x: cdf(x) + x * density(x)),
    }
    assert {file.stem for file in tmp_path.glob("*.npy")} == set(formulas)
    for name, (value, slope) in formulas.items():
        rows = numpy.load(tmp_path / f"{name}.npy")
        assert rows.shape == (3, 1000) and rows.dtype == numpy.float32
        x = rows[0].astype(float)
        numpy.testing.assert_allclose(rows[1], value(x), rtol=1e-6)
        near_zero = 1e-7 if name == "gelu" else 0  # its slope passes 0, where addends cancel
        numpy.testing.assert_allclose(rows[2], slope(x), rtol=1e-6, atol=near_zero)


def test_the_scorecard_counts_the_applicants_of_the_data(root):
    counts = collections.Counter()
    for line in (root / "data" / "credit.txt").read_text().splitlines():
        good, status, months, *_ = map(int, line.split())
        counts[status - 1, 0 if months <= 12 else 4 if months <= 24 else 5, good] += 1
    code = (root / "examples" / "070-scorecard.cc").read_text()
    groups = re.findall(r"^    \{(\d), (\d), (\d+), (\d+)\},$", code, flags=re.M)
    assert len(groups) == 12
    for account, months, good, bad in (map(int, group) for group in groups):
        assert (counts[account, months, 1], counts[account, months, 0]) == (good, bad)


def test_a_consumer_loads_only_cpp_and_highway(examples):
    program = next(examples.glob("010-*"))
    needed = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True)
    libraries = set(re.findall(r"NEEDED.*\[(\w+)", needed.stdout))
    assert libraries <= {"libc", "libm", "libstdc", "libgcc_s", "libhwy", "ld"}


def test_a_library_of_unknown_functions_is_refused(root, tmp_path):
    done = subprocess.run(["cmake", "-S", root, "-B", tmp_path, "-DGRADKEEP_BUILD_TOOLS=OFF",
                           "-DGRADKEEP_BUILD_TESTS=OFF", "-DGRADKEEP_FUNCTIONS=gelu;geluu"],
                          capture_output=True, text=True)
    assert done.returncode != 0 and "no function geluu" in done.stderr


def test_the_installed_package_refuses_another_version(installed, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(other CXX)\n"
        "find_package(gradkeep 7.0 CONFIG REQUIRED)\n")
    done = subprocess.run(
        ["cmake", "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={installed}"],
        capture_output=True, text=True)
    assert done.returncode != 0 and "compatible with requested version" in done.stderr


def test_a_kernel_gets_a_conformance_test(installed, built, cli, root, tmp_path):
    source = tmp_path / "check"
    shutil.copytree(root / "examples" / "check", source)
    binary = built(source, source / "build", f"-DCMAKE_PREFIX_PATH={installed}", f"-DGRADKEEP_PROGRAM={cli}")
    done = subprocess.run(["ctest", "--test-dir", binary, "--output-on-failure"], capture_output=True, text=True)
    assert done.returncode != 0 and "kernel-conformance" in done.stdout
    assert "zero where the result is representable" in done.stdout
    assert "<svg" in (binary / "kernel-conformance.html").read_text()
