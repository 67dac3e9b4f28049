"""What the tests of the conformance kit share: the built program (GRADKEEP_CLI)."""
# SPDX-License-Identifier: Apache-2.0

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def check():
    """check(TARGET, ..., MUTANT="tanh_band"): the exit status of gradkeep check and what it prints."""
    program = pathlib.Path(os.environ.get("GRADKEEP_CLI", ROOT / "build/cli/gradkeep")).absolute()
    assert program.is_file(), f"{program} is missing: ./run build makes it"

    def run(*arguments, cwd=None, **env):
        done = subprocess.run([program, "check", *map(str, arguments)], capture_output=True,
                              text=True, cwd=cwd, env={**os.environ, **env}, timeout=600)
        assert done.stderr == "", (arguments, env, done.stderr)
        return done.returncode, done.stdout

    return run
