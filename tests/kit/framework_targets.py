"""The programs of kit/frameworks as the tests ask them: in whichever Python has their packages, the one
that runs pytest or one of those that GRADKEEP_FRAMEWORKS names (paths with colons between)."""
# SPDX-License-Identifier: Apache-2.0

import dataclasses
import functools
import os
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FRAMEWORKS = ROOT / "kit" / "frameworks"
sys.path.insert(0, str(FRAMEWORKS))
import answer  # noqa: E402  (the path above says where)


@dataclasses.dataclass(frozen=True)
class Program:
    name: str  # as tests call it
    file: str
    packages: tuple
    backend: str = ""


PROGRAMS = [
    Program("torch", "with_torch", ("torch",)),
    Program("jax", "with_jax", ("jax",)),
    Program("tf", "with_tf", ("tensorflow",)),
    Program("keras-jax", "with_keras", ("keras", "jax"), "jax"),
    Program("keras-tensorflow", "with_keras", ("keras", "tensorflow"), "tensorflow"),
    Program("keras-torch", "with_keras", ("keras", "torch"), "torch"),
    Program("onnxruntime", "with_onnxruntime", ("onnxruntime", "onnx")),
]
# Programs that write down what a project's own tests expect, and what those tests need beside it.
EXPECTATIONS = [
    Program("torch-tests", "torch_expectations", ("torch", "expecttest", "scipy")),
    Program("onnx-tests", "onnx_expectations", ("onnx",)),
]


@functools.lru_cache(maxsize=None)
def packages_of(python):
    """Which of the packages that any program needs this interpreter finds."""
    programs = [*PROGRAMS, *EXPECTATIONS]
    names = sorted({name for program in programs for name in program.packages} | {"numpy"})
    code = f"import importlib.util as u; print(*[n for n in {names} if u.find_spec(n)])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return frozenset(done.stdout.split())


def failures(python, program):
    """Why ./run could not install them where this interpreter lives."""
    missing = pathlib.Path(python).parents[1] / "missing.txt"
    lines = missing.read_text().splitlines() if missing.is_file() else []
    # PyPI has TensorFlow for processors alone under a name of its own.
    return [line for line in lines if re.match(r"[\w-]+", line)[0].removesuffix("-cpu") in program.packages]


def python_for(program):
    """An interpreter with all its packages, or the test is skipped."""
    others = os.environ.get("GRADKEEP_FRAMEWORKS", "").split(":")
    pythons = [sys.executable, *filter(None, others)]
    for python in pythons:
        if packages_of(python) >= {*program.packages, "numpy"}:
            return python
    pytest.skip(f"no Python here has {' and '.join(program.packages)}; GRADKEEP_FRAMEWORKS can name one"
                + "".join(f" ({reason})" for python in pythons for reason in failures(python, program)))


class Target:
    """A conversation with a program, as the kit holds it."""

    def __init__(self, python, file, stderr=subprocess.DEVNULL, **env):
        self.process = subprocess.Popen([python, str(file)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=stderr,
                                        env={**os.environ, **env})

    def ask(self, question, x):
        """An array, or the line of text that came instead."""
        to, back = self.process.stdin, self.process.stdout
        to.write(question.encode() + b"\n")
        answer.write_array(to, np.asarray(x))
        to.flush()
        if back.peek(1)[:1] == b"\x93":
            return answer.read_array(back)
        line = back.readline().decode()
        assert line.endswith("\n"), (question, line, self.process.poll())
        return line[:-1]

    def end(self):
        """What it printed beside the conversation, once its input has ended."""
        rest, errors = self.process.communicate(timeout=60)
        assert (self.process.returncode, rest) == (0, b"")
        return errors and errors.decode()


def start(program):
    env = {"KERAS_BACKEND": program.backend} if program.backend else {}
    return Target(python_for(program), FRAMEWORKS / f"{program.file}.py", **env)
