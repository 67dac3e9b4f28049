"""A shared object with the C interface as the tests ask it: what framework_targets.Target is for a
program."""
# SPDX-License-Identifier: Apache-2.0

import ctypes
import os
import pathlib

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GRADKEEP_BUILD", ROOT / "build"))
ORDERS = {"value": 0, "slope": 1, "curvature": 2}
TYPES = {"float32": 0, "float64": 1, "float16": 2}
UNKNOWN, UNSUPPORTED = 2, 3


def file_of(library):
    """The targets that stand beside the benchmarks; oneDNN's is built with the tests too."""
    return BUILD / "bench" / "core" / f"libcheck_{library}.so"


class Target:
    def __init__(self, file):
        self.c = ctypes.CDLL(str(file))
        self.c.gradkeep_version.restype = ctypes.c_char_p

    def ask(self, question, x):
        """An array, or the line of text that came instead."""
        what, _, function = question.partition(" ")
        if what == "describe":
            return self.c.gradkeep_version().decode()
        if what not in ORDERS:
            return f"unsupported {what}"
        x, out = np.ascontiguousarray(x), np.empty_like(x)
        status = self.c.gradkeep_evaluate(
            function.encode(), ORDERS[what], TYPES[x.dtype.name], 0, ctypes.c_void_p(x.ctypes.data),
            ctypes.c_void_p(out.ctypes.data), ctypes.c_size_t(x.size))
        if status in (UNKNOWN, UNSUPPORTED):
            return f"unsupported {question}"
        assert status == 0, (question, status)
        return out

    def end(self):
        pass
