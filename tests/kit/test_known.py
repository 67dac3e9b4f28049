"""What is known to be wrong in PyTorch 2.13, ONNX Runtime 1.31 and JAX 0.10 is found by the kit: one
`gradkeep check` for each of them, at the smallest budget. That the framework does it on this machine is
asked first, so that a row which another release or processor does not show is skipped, not missed."""
# SPDX-License-Identifier: Apache-2.0

import functools
import json
import math
import os
import subprocess

import framework_targets as targets
import numpy as np
import pytest

# What is asked, the kind of finding, an input that shows it, and what comes back for many of that input.
KNOWN = {
    "torch": [
        ("value gelu f32", "inaccurate", -5.5, -1.639e-7),  # 57 % off
        ("value gelu f32", "lost", -6, 0),
        ("value gelu f32", "nan", -math.inf, math.nan),
        ("value silu f32", "nan", -math.inf, math.nan),
        ("slope sigmoid f32", "lost", 16.6364, 0),
        ("slope tanh f32", "lost", 9.0111, 0),
        ("slope gelu f32", "lost", -6.16, 0),
        ("value gelu f64", "inaccurate", -8, -4.885e-15),  # 1.8 % off
        ("value gelu f64", "lost", -9, 0),
        ("slope sigmoid bf16", "lost", 6.25, 0),
        ("slope tanh bf16", "lost", 3.46875, 0),
        ("value mish f32", "inaccurate", -91.6, -1.51538e-38),
        # -0 for one element, +0 for 64: on no processor with AVX-512, whichever kernels are chosen.
        ("value gelu f32", "lanes", -0.0, 0),
    ],
    "onnxruntime": [
        ("value sigmoid f32", "inaccurate", -16, 5.9605e-8),
        ("value sigmoid f32", "inaccurate", -17, 8.9407e-8),
        ("value sigmoid f32", "not_monotone", -17, 8.9407e-8),
        ("value sigmoid f32", "lost", -18, 0),
        ("value elu(alpha=1) f32", "inaccurate", -1e-6, -1.01328e-6),  # 1.3 %
        ("value elu(alpha=1) f32", "lost", -1e-8, 0),
        ("value tanh f32", "inaccurate", 1e-38, 9.9998971e-39),  # 73 ULP, and up to 103 beside it
        ("value gelu f32", "inaccurate", -5.5, -1.639e-7),
        ("value gelu f32", "lost", -6, 0),
        ("value gelu f32", "nan", -math.inf, math.nan),
        ("value mish f32", "inaccurate", -95, -5.16918e-40),
        ("value mish f32", "nan", -math.inf, math.nan),
    ],
    "jax": [
        ("value silu f32", "lost", -88, 0),
        ("value mish f32", "lost", -88, 0),
        ("value gelu f32", "lost", -13.5, 0),
        ("value gelu f32", "nan", -math.inf, math.nan),
        ("value erf f32", "lost", 1e-38, 0),
        ("slope sigmoid f32", "lost", 16.6364, 0),
        ("slope tanh f32", "lost", 9.0111, 0),
        ("slope gelu f32", "lost", -13.5, 0),
    ],
}
# The largest error among the finding's inputs, in ULP.
AT_LEAST = {("torch", "value mish f32", "inaccurate"): 136,
            ("onnxruntime", "value tanh f32", "inaccurate"): 103}
DIALECT = {"torch": "torch", "onnxruntime": "onnx", "jax": "jax"}
PROGRAM = {program.name: program for program in targets.PROGRAMS}
TYPE = {"f32": "<f4", "f64": "<f8"}
CASES = [(name, *row) for name, rows in KNOWN.items() for row in rows]


@pytest.fixture(scope="module")
def examined():
    """For a framework, its findings by question; each framework is examined once for values and once for
    slopes, since JAX compiles for half a minute what nobody asks here."""
    gradkeep = os.environ.get("GRADKEEP_CLI", targets.ROOT / "build" / "cli" / "gradkeep")

    @functools.lru_cache(maxsize=None)
    def report(name, what):
        rows = [question.split() for question, *_ in KNOWN[name] if question.startswith(what)]
        command = (f"{targets.python_for(PROGRAM[name])} "
                   f"{targets.FRAMEWORKS / PROGRAM[name].file}.py")
        done = subprocess.run(
            [gradkeep, "check", command, *{row[1] for row in rows}, "--dialect", DIALECT[name],
             "--budget", "0.1s", "--only", what, "--types", ",".join({row[2] for row in rows}),
             "--timeout", "60s", "--json"],
            capture_output=True, text=True)
        assert done.returncode == 1, done.stderr
        return {f"{row['what']} {row['function']} {row['type']}": row["findings"]
                for row in json.loads(done.stdout)["results"]}

    return lambda name, question: report(name, question.split()[0])[question]


@pytest.fixture(scope="module")
def ask():
    started = {}

    def one(name, question, x):
        what, function, kind = question.split()
        if name not in started:
            started[name] = targets.start(PROGRAM[name])
        answer = started[name].ask(f"{what} {function}", encoded(np.full(64, x), kind))
        if isinstance(answer, str):
            pytest.skip(answer)  # bfloat16 without the package ml_dtypes
        return decoded(answer)[0]

    yield one
    for target in started.values():
        target.end()


def encoded(x, kind):
    """bfloat16 numbers, which NumPy does not know, are upper halves of float32 ones."""
    return x.astype("<f4").view("<V2")[1::2] if kind == "bf16" else x.astype(TYPE[kind])


def decoded(x):
    return (x.view("<u2").astype("<u4") << 16).view("<f4") if x.dtype.itemsize == 2 else x


def same(one, other, x):
    return (np.isclose(one, other, rtol=1e-3, atol=0, equal_nan=True)
            and (x != 0 or np.signbit(one) == np.signbit(other)))


def covers(finding, x, kind):
    # Decimals that are as short as the format allows are not its numbers.
    low, x, high = (rounded(float(v), kind) for v in (finding["low"], x, finding["high"]))
    return low <= x <= high and np.signbit(high) == np.signbit(x)


def rounded(v, kind):
    if kind == "bf16":
        bits = np.float32(v).view("<u4")
        return ((bits + np.uint32(0x8000)) & np.uint32(0xFFFF0000)).view("<f4")
    return np.dtype(TYPE[kind]).type(v)


@pytest.mark.parametrize("name, question, kind, x, got", CASES)
def test_what_is_known_is_found(examined, ask, name, question, kind, x, got):
    answered = ask(name, question, x)
    if not same(answered, got, x):
        pytest.skip(f"here {question} at {x} gives {answered}, and {got} is known")
    findings = [f for f in examined(name, question) if f["kind"] == kind]
    found = [f for f in findings if covers(f, x, question.split()[2])]
    assert found, findings
    least = AT_LEAST.get((name, question, kind))
    if least:
        example = found[0]
        want = np.float32(example["want"]["value"])
        error = abs(float(example["got"]["value"]) - want) / np.spacing(abs(want))
        assert error >= least
