"""examples/check: the kernel and the two programs that a newcomer starts from answer as their comments
and the protocol say."""
# SPDX-License-Identifier: Apache-2.0

import ctypes
import os
import pathlib
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
    subprocess.run([os.environ.get("CC", "cc"), *STRICT, *options, EXAMPLES / source, "-o", made,
                    "-lm"], check=True)
    return made


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


def test_the_kernel_is_wrong_where_it_says(tmp_path):
    library = compiled(tmp_path, "kernel.c", "-shared", "-fPIC", f"-I{ROOT}/core/include")
    evaluate = ctypes.CDLL(library).gradkeep_evaluate

    def ask(order, values, function=b"sigmoid", dtype=0):
        x = np.array(values, "f4")
        out = np.empty_like(x)
        status = evaluate(function, order, dtype, 0, x.ctypes.data_as(ctypes.c_void_p),
                          out.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(len(x)))
        return status, out.tolist()

    assert ask(0, [0, -17, -18.5, 17]) == (0, [0.5, pytest.approx(4.139938e-08), 0, 1])
    assert ask(1, [0, 16, 17]) == (0, [0.25, pytest.approx(1.1920929e-07), 0])
    assert ask(0, [0], b"tanh")[0] == 2 and ask(2, [0])[0] == 3 and ask(0, [0], dtype=1)[0] == 3
