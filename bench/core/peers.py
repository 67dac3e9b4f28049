"""A guest of `gradkeep bench`: PyTorch, ONNX Runtime, NumPy and SciPy, as far as this Python has them.

    gradkeep bench sigmoid --guest 'python3 bench/core/peers.py'

The protocol stands in cli/bench_guest.h. Each library is called in the way that costs it least: into
arrays that exist already, by its own operation where it has one. Where a function is put together
from several operations, or a slope comes from autograd, the row says so.
"""
# SPDX-License-Identifier: Apache-2.0

import importlib
import inspect
import mmap
import os
import pathlib
import sys
import time

# onnx_models.py, which the conformance kit shares.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "kit" / "frameworks"))


class Task:
    """What `prepare` asked: where the arrays are, and the function's parameters."""

    def __init__(self, memory, stride, words):
        self.name, self.pass_, self.type = words[:3]
        self.elements, self.threads = int(words[3]), int(words[4])
        self.parameters = [float(word) for word in words[5:]]
        self.memory, self.stride = memory, stride

    def offset(self, which):
        return which * self.stride

    def find(self, table, arrays):
        """The function's entry, if it takes so many arrays and then these parameters."""
        entry = table.get(self.name)
        try:
            if entry:
                inspect.signature(entry).bind(*[None] * arrays, *self.parameters)
        except TypeError:
            return None
        return entry


def rows_of(task):
    """(peer, how, call, before): `call` is timed; `before`, if any, runs once ahead of the calls."""
    rows = []
    for peer in ("torch", "onnxruntime", "numpy"):
        if sys.modules.get(peer):
            rows += importlib.import_module(f"peers_{peer}").rows(task)
    return rows


def turn(row, calls):
    _, _, call, before = row
    if before:
        before()
    call()
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return time.perf_counter() - start


def available():
    for name in ("numpy", "torch", "onnxruntime"):
        try:
            importlib.import_module(name)
            yield from importlib.import_module(f"peers_{name}").versions()
        except ImportError:
            sys.modules[name] = None


def converse(ask, say):
    memory, stride, rows = None, 0, []
    for name, version in available():
        say(f"version {name}\t{version}")
    say("ready")
    for line in ask:
        word, *rest = line.split()
        if word == "arrays":
            stride = int(rest[1])
            with open(rest[0], "r+b") as file:
                memory = mmap.mmap(file.fileno(), 3 * stride)
        elif word == "prepare":
            rows = rows_of(Task(memory, stride, rest))
            for peer, how, *_ in rows:
                say(f"row {peer}\t{how}")
            say("ready")
        elif word == "turn":
            say(f"seconds {turn(rows[int(rest[0])], int(rest[1])):.9g}")
        else:
            say(f"error no request '{word}': expected arrays, prepare or turn")
            return


def main():
    # Whatever a library prints goes to standard error, not into the conversation.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(line):
        print(line, file=out, flush=True)

    converse(sys.stdin, say)


if __name__ == "__main__":
    main()
