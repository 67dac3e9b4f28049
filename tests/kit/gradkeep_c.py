"""gradkeep's C interface over NumPy arrays, as far as the tests ask it: in one piece, in the arrays' type.
bfloat16 is `uint16` here, since NumPy does not know it."""
# SPDX-License-Identifier: Apache-2.0

import ctypes
import os
import pathlib

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = pathlib.Path(os.environ.get("GRADKEEP_BUILD", ROOT / "build")) / "core" / "libgradkeep.so"
TYPES = {"float32": 0, "float64": 1, "float16": 2, "uint16": 3}
ORDERS = {"value": 0, "slope": 1}
EXACT, ANY = 1, 1
GATE_FIRST, GATE_SECOND = 0, 1
SIZE = ctypes.c_size_t


def loaded():
    assert FILE.is_file(), f"{FILE} is missing: ninja gradkeep_c makes it"
    library = ctypes.CDLL(str(FILE))
    library.gradkeep_last_error.restype = ctypes.c_char_p
    library.gradkeep_close.restype = None
    return library


class Array(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("dtype", ctypes.c_int32), ("rank", ctypes.c_int32),
                ("shape", ctypes.POINTER(SIZE)), ("strides", ctypes.c_void_p)]


def view(x):
    assert x.flags.c_contiguous
    shape = (SIZE * max(x.ndim, 1))(*x.shape)
    return ctypes.byref(Array(x.ctypes.data, TYPES[x.dtype.name], x.ndim, shape, None))


class Library:
    def __init__(self):
        self.c = loaded()

    def check(self, status):
        if status:
            raise ValueError(self.c.gradkeep_last_error().decode())

    def opened(self, text):
        handle = ctypes.c_void_p()
        self.check(self.c.gradkeep_open(text.encode(), ANY, ctypes.byref(handle)))
        return handle

    def with_handle(self, text, call, x):
        """An array like x, filled by call(handle, out)."""
        handle, out = self.opened(text), np.empty_like(x)
        try:
            self.check(call(handle, ctypes.c_void_p(out.ctypes.data)))
        finally:
            self.c.gradkeep_close(handle)
        return out

    def elementwise(self, text, what, x):
        """f(x) or f'(x) in the exact tier, which rounds correctly."""
        return self.with_handle(text, lambda f, out: self.c.gradkeep_apply(
            f, ORDERS[what], TYPES[x.dtype.name], EXACT, ctypes.c_void_p(x.ctypes.data), out,
            SIZE(x.size)), x)

    def backward(self, text, x, dy):
        return self.with_handle(text, lambda f, out: self.c.gradkeep_backward(
            f, TYPES[x.dtype.name], ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(dy.ctypes.data),
            out, SIZE(x.size)), x)

    def parameter_slope(self, text, index, x):
        return self.with_handle(text, lambda f, out: self.c.gradkeep_parameter_slope(
            f, SIZE(index), TYPES[x.dtype.name], ctypes.c_void_p(x.ctypes.data), out,
            SIZE(x.size)), x)

    def rows(self, name, axis, x):
        y = np.empty_like(x)
        self.check(self.c.gradkeep_rowwise(name.encode(), axis, view(x), view(y)))
        return y

    def rows_backward(self, name, axis, y, dy):
        dx = np.empty_like(y)
        self.check(self.c.gradkeep_rowwise_backward(name.encode(), axis, view(y), view(dy), view(dx)))
        return dx

    def gated(self, text, gate, axis, x):
        shape = list(x.shape)
        shape[axis] //= 2
        y, handle = np.empty(shape, x.dtype), self.opened(text)
        try:
            self.check(self.c.gradkeep_gated(handle, gate, axis, view(x), view(y)))
        finally:
            self.c.gradkeep_close(handle)
        return y

    def gated_backward(self, text, gate, axis, x, dy):
        dx, handle = np.empty_like(x), self.opened(text)
        try:
            self.check(self.c.gradkeep_gated_backward(handle, gate, axis, view(x), view(dy), view(dx)))
        finally:
            self.c.gradkeep_close(handle)
        return dx
