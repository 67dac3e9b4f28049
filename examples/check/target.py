#!/usr/bin/env python3
"""A program that the conformance kit can question, in Python: NumPy's tanh, and its slope by the
textbook. A question is a line "value tanh" and an array in NumPy's .npy format; the answer is an array
of the same kind, and so its header is the question's, sent back.

    gradkeep check ./target.py tanh
"""
# SPDX-License-Identifier: Apache-2.0
import ast
import sys

import numpy as np

FORMULAS = {"value tanh": np.tanh, "slope tanh": lambda x: 1 - np.tanh(x) ** 2}

np.seterr(all="ignore")
while line := sys.stdin.buffer.readline():
    head = sys.stdin.buffer.read(10)
    head += sys.stdin.buffer.read(int.from_bytes(head[8:], "little"))
    array = ast.literal_eval(head[10:].decode())
    kind = np.dtype(array["descr"])
    x = np.frombuffer(sys.stdin.buffer.read(array["shape"][0] * kind.itemsize), kind)
    formula = FORMULAS.get(line.decode().strip())
    if line == b"describe -\n":
        answer = f"tanh by NumPy {np.__version__}\n".encode()
    elif formula is None or kind.kind != "f":
        answer = b"unsupported only values and slopes of tanh\n"
    else:
        answer = head + formula(x).astype(kind).tobytes()
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()

# Output:
# tanh by NumPy ..., dialect limit, tolerance 2 ulp
# ...
# tanh      slope  f16 ... ✗
#     zero where the result is representable: ...
#     at -4.508 (0xc482) got 0, want 0.000486 (2.04e3 ulp)
# ...
# 3 rows do not conform (6 of 20 rows supported, ...)
