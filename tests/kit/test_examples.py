"""examples/check: the kernel and the two programs that a newcomer starts from answer as the protocol
says, and the kit prints of them what they end with."""
# SPDX-License-Identifier: Apache-2.0

import ctypes
import os
import pathlib
import re
import subprocess
import sys

import framework_targets
import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "check"
STRICT = ("-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
BFLOAT16 = np.dtype("V2")


def compiled(folder, source, *options):
    """What `cc` makes of a file of examples/check."""
    made = folder / pathlib.Path(source).stem
    subprocess.run([os.environ.get("CC", "cc"), *STRICT, *options, f"-I{ROOT}/core/include", EXAMPLES / source,
                    "-o", made, "-lm"], check=True)
    return made


def as_library(folder):
    return compiled(folder, "kernel.c", "-shared", "-fPIC")


def conversation(what, folder):
    if what == "target.py":
        return framework_targets.Target(sys.executable, EXAMPLES / what)
    return framework_targets.Target("/usr/bin/env", compiled(folder, what))


@pytest.mark.parametrize("what, name, formulas", [
    ("target.c", "softsign", {"value": lambda x: x / (1 + abs(x)),
                              "slope": lambda x: 1 / (1 + abs(x)) ** 2}),
    ("target.py", "tanh", {"value": np.tanh, "slope": lambda x: 1 - np.tanh(x) ** 2})])
def test_a_program_answers(what, name, formulas, tmp_path):
    target = conversation(what, tmp_path)
    assert name in target.ask("describe -", np.array([], "f4"))
    for order, formula in formulas.items():
        for x in ([], [0.5], np.linspace(-4, 4, 1000)):
            x = np.array(x, "f4")
            y = target.ask(f"{order} {name}", x)
            assert y.dtype == x.dtype
            np.testing.assert_allclose(y, formula(x.astype("f8")), rtol=1e-6, atol=3e-7)  # 1 - y^2
    ends = target.ask(f"value {name}", np.array([np.inf, -np.inf, np.nan], "f4"))
    np.testing.assert_array_equal(ends, [1, -1, np.nan])
    for question, x in ((f"curvature {name}", np.ones(3, "f4")), ("value relu", np.ones(3, "f4")),
                        (f"value {name}", np.zeros(3, BFLOAT16))):
        assert target.ask(question, x).startswith("unsupported "), question
    # After all of which it still listens.
    assert target.ask(f"value {name}", np.zeros(2, "f4")).tolist() == [0, 0]
    target.end()


@pytest.mark.parametrize("what, comments", [("target.c", r"/\*.*?\*/"), ("target.py", r'\A#!.*?""".*?"""|^#.*?$')])
def test_a_template_is_twenty_lines(what, comments):
    code = re.sub(comments, "", (EXAMPLES / what).read_text(), flags=re.DOTALL | re.MULTILINE)
    assert 10 < sum(bool(line.strip()) for line in code.splitlines()) <= 20


def test_a_program_in_c_ends_where_a_question_is_none(tmp_path):
    """Whatever its input is, it reads and writes nothing that is not its own: the header is for everybody."""
    program = compiled(tmp_path, "target.c", "-fsanitize=address,undefined", "-fno-sanitize-recover")

    def question(line=b"value softsign", magic=b"\x93NUMPY\x01\x00", descr=b"'descr': '<f4'", shape=b"(2,)"):
        text = b"{" + descr + b", 'fortran_order': False, 'shape': " + shape + b"}\n"
        return line + b"\n" + magic + len(text).to_bytes(2, "little") + text + np.array([1, -3], "f4").tobytes()

    def said(stdin):
        done = subprocess.run([program], input=stdin, capture_output=True)
        assert done.returncode in (0, 1) and not done.stderr, done.stderr
        return done.returncode, done.stdout

    right = question()
    answer = right[right.index(b"\n") + 1:-8] + np.array([0.5, -0.75], "f4").tobytes()
    assert said(2 * right) == (0, 2 * answer)
    assert said(right + right[:-1]) == (1, answer)
    for length in range(1, len(right), 5):
        assert said(right[:length]) == (1, b""), length
    for wrong in (question(shape=b"(18446744073709551615,)"), question(shape=b"(4294967296, 4294967296)"),
                  question(shape=b"(x,)"), question(shape=b"(2"), question(descr=b"'descr': '<f0'"),
                  question(descr=b"'descr': '>f4'"), question(descr=b"'descr': '<"), question(descr=b""),
                  question(magic=b"\x93NUMPI\x01\x00"), question(magic=b"\x93NUMPY\x02\x00"),
                  question(line=b"value"), question(line=b"value " + 5000 * b"v")):
        assert said(wrong) == (1, b""), wrong
    # Functions of rows it leaves alone, and goes on.
    assert said(question(shape=b"(1, 2)") + right) == (0, b"unsupported no value of softsign in f4\n" + answer)


def test_the_kernel_is_wrong_where_it_says(tmp_path):
    evaluate = ctypes.CDLL(as_library(tmp_path)).gradkeep_evaluate

    def ask(order, values, function=b"sigmoid", dtype=0):
        x = np.array(values, "f4")
        out = np.empty_like(x)
        status = evaluate(function, order, dtype, 0, x.ctypes.data_as(ctypes.c_void_p),
                          out.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(len(x)))
        return status, out.tolist()

    assert ask(0, [0, -17, -18.5, 17]) == (0, [0.5, pytest.approx(4.139938e-08), 0, 1])
    assert ask(1, [0, 16, 17]) == (0, [0.25, pytest.approx(1.1920929e-07), 0])
    assert ask(0, [0], b"tanh")[0] == 2 and ask(2, [0])[0] == 3 and ask(0, [0], dtype=1)[0] == 3


def test_a_target_that_has_nothing_of_it_does_not_conform(check):
    """Such as one that misspells the question; what it was asked and said stands there."""
    status, said = check(f"{sys.executable} {EXAMPLES / 'target.py'}", "softplus", "--budget", "0.01s")
    assert status == 1
    assert ('nothing to check: asked for "value softplus(beta=1)", the target said: unsupported only values '
            "and slopes of tanh (0 of 24 rows supported, 0 inputs, ") in said


def test_a_library_without_it_tells_how_it_said_so(check, tmp_path):
    library = as_library(tmp_path).rename(tmp_path / "kernel.so")
    for name, question, said in (("softplus", "softplus(beta=1)", "it returned GRADKEEP_UNKNOWN"),
                                 ("softmax", "softmax(axis=1)", "no function gradkeep_rowwise"),
                                 ("glu", "glu(gate=second,axis=1)", "no function gradkeep_gated")):
        status, told = check(library, name, "--budget", "0.01s")
        assert status == 1
        assert f'nothing to check: asked for "value {question}", the target said: unsupported {said} (0 of' in told


@pytest.mark.parametrize("what, name, status", [
    ("kernel.c", "sigmoid", 1), ("target.c", "softsign", 0), ("target.py", "tanh", 1)])
def test_the_kit_prints_what_an_example_ends_with(check, what, name, status, tmp_path):
    target = EXAMPLES / what
    if what == "kernel.c":
        target = as_library(tmp_path).rename(tmp_path / "kernel.so")
    elif what == "target.c":
        target = compiled(tmp_path, what)
    else:
        target = f"{sys.executable} {target}"
    said = check(target, name, "--budget", "0.01s")
    end = re.search(r"^(?:/\*|#) Output:\n(.*?)(?: \*/\n)?\Z", (EXAMPLES / what).read_text(),
                    re.MULTILINE | re.DOTALL)[1]
    # Three dots stand for anything, and blanks for any.
    promised = re.sub(r"^(?: \*|#)", "", end, flags=re.MULTILINE).split("...")
    pattern = ".*?".join(r"\s*".join(map(re.escape, part.split())) for part in promised)
    assert said[0] == status and re.fullmatch(rf"\s*{pattern}\s*", said[1], re.DOTALL), said[1]
