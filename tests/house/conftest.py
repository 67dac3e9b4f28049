"""What the tests of the house itself share: where things are, and how to run a program."""
# SPDX-License-Identifier: Apache-2.0

import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def own_files():
    """Every text file that git would commit, as paths relative to the root."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=True, text=True).stdout
    files = sorted(ROOT / name for name in listed.split("\0") if name)
    return [file for file in files if file.is_file() and b"\0" not in file.read_bytes()]


@pytest.fixture(scope="session")
def cli():
    program = os.environ.get("GRADKEEP_CLI", ROOT / "build" / "cli" / "gradkeep")
    assert pathlib.Path(program).is_file(), f"{program} is missing: ./run build makes it"
    return str(program)


@pytest.fixture(scope="session")
def execute():
    """Runs a command that has to succeed and returns its standard output."""

    def run(*command, **options):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              **options)
        assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
        return done.stdout

    return run


@contextlib.contextmanager
def alone_in(folder):
    """Lets no other process of the tests into this folder meanwhile."""
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    door = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield
    finally:
        os.close(door)


@pytest.fixture(scope="session")
def built(execute):
    """Configures and builds a CMake project, or some of its targets, with a process per core."""

    def build(source, binary, *options, targets=()):
        # One compiler cache with the main build: only what differs from it is compiled again.
        environment = os.environ | {"CCACHE_BASEDIR": str(ROOT)}
        if shutil.which("ccache"):
            environment["CMAKE_CXX_COMPILER_LAUNCHER"] = "ccache"
        jobs = os.environ.get("GRADKEEP_JOBS", str(os.cpu_count()))
        with alone_in(binary):
            execute("cmake", "-S", source, "-B", binary, "-G", "Ninja", *options, env=environment)
            execute("ninja", "-C", binary, "-j", jobs, *targets, env=environment)
        return binary

    return build


@pytest.fixture(scope="session")
def installed(built, execute, tmp_path_factory):
    """A prefix into which core and flow were installed, built without anything else."""
    binary = built(ROOT, ROOT / "build-library", "-DCMAKE_BUILD_TYPE=Release",
                   "-DGRADKEEP_BUILD_TOOLS=OFF", "-DGRADKEEP_BUILD_TESTS=OFF")
    prefix = tmp_path_factory.mktemp("prefix")
    execute("cmake", "--install", binary, "--prefix", prefix)
    return prefix
