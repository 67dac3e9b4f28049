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


class Array(ctypes.Structure):
    """gradkeep_array of two axes, in one piece."""
    _fields_ = [("data", ctypes.c_void_p), ("dtype", ctypes.c_int32), ("rank", ctypes.c_int32),
                ("shape", ctypes.POINTER(ctypes.c_size_t)), ("strides", ctypes.c_void_p)]

    def __init__(self, x):
        super().__init__(x.ctypes.data, TYPES[x.dtype.name], x.ndim, (ctypes.c_size_t * x.ndim)(*x.shape), None)


class Target:
    def __init__(self, file):
        self.c = ctypes.CDLL(str(file))
        self.c.gradkeep_version.restype = ctypes.c_char_p

    def ask(self, question, x):
        """An array, or the line of text that came instead."""
        what, _, function = question.partition(" ")
        if what == "describe":
            return self.c.gradkeep_version().decode()
        if x.ndim == 2:
            return self.ask_rows(function, x) if what == "value" else f"unsupported {what}"
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

    def ask_rows(self, text, x):
        """"softmax(axis=1)"; without an axis along the last."""
        name, _, rest = text.partition("(")
        axis = 0 if "axis=0" in rest else -1
        x = np.ascontiguousarray(x)
        out = np.empty_like(x)
        status = self.c.gradkeep_rowwise(name.encode(), axis % 2, ctypes.byref(Array(x)), ctypes.byref(Array(out)))
        if status in (UNKNOWN, UNSUPPORTED):
            return f"unsupported {text}"
        assert status == 0, (text, status)
        return out

    def end(self):
        pass
