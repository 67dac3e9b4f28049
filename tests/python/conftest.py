"""Builds the wheel as `pip install .` does, once for all processes of the tests, and imports what is in it."""
# SPDX-License-Identifier: Apache-2.0
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
    return done.stdout


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def execute():
    """Runs a command that has to succeed and returns its standard output."""
    return run


@pytest.fixture(scope="session")
def wheel():
    """The wheel's path. pytest-xdist's processes share it: who comes first builds."""
    folder = ROOT / "build-wheel"
    folder.mkdir(exist_ok=True)
    stamp = folder / "made-by"
    this_run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != this_run:
            for old in folder.glob("*.whl"):
                old.unlink()
            # The compiler by the name that CMake finds by itself: ccache tells names apart.
            environment = {"CXX": "c++", **os.environ}
            if shutil.which("ccache"):
                environment |= {"CMAKE_CXX_COMPILER_LAUNCHER": "ccache", "CCACHE_BASEDIR": str(ROOT)}
            run(sys.executable, "-m", "pip", "wheel", ROOT, "--no-deps", "--no-build-isolation",
                "--quiet", "--wheel-dir", folder, env=environment)
            target = folder / "installed"
            shutil.rmtree(target, ignore_errors=True)
            made, = folder.glob("*.whl")
            run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", target, made)
            stamp.write_text(this_run)
    made, = folder.glob("*.whl")
    return made


@pytest.fixture(scope="session")
def gradkeep(wheel):
    sys.path.insert(0, str(wheel.parent / "installed"))
    import gradkeep

    assert gradkeep.__file__.startswith(str(wheel.parent))
    return gradkeep


@pytest.fixture(scope="session")
def frameworks():
    """The Python that has PyTorch and JAX."""
    for python in filter(None, os.environ.get("GRADKEEP_FRAMEWORKS", "").split(":")):
        probe = subprocess.run([python, "-c", "import torch, jax, ml_dtypes"], capture_output=True,
                               check=False)
        if probe.returncode == 0:
            return python
    pytest.skip("no Python in GRADKEEP_FRAMEWORKS has PyTorch and JAX (./run setup frameworks)")


@pytest.fixture(scope="session")
def cli():
    program = os.environ.get("GRADKEEP_CLI", ROOT / "build" / "cli" / "gradkeep")
    assert pathlib.Path(program).is_file(), f"{program} is missing: ./run build makes it"
    return str(program)
