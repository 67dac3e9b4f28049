#!/usr/bin/env python3
"""Golden values of the functions of rows, by another hand than the library's: mpmath at 60 digits.

    python3 tools/make_golden_rows.py > tests/core/golden_rows.txt

A line holds: function, the row x in hexadecimal, the gradient dy at its output, then to 25 digits the
values y, the gradients dx at the input, and for each the size of its addends, to which the error of
a sum that cancels is relative. x and dy are floats.
"""
# SPDX-License-Identifier: Apache-2.0

import random
import struct

from mpmath import mp, mpf

mp.dps = 60 + 320  # exponentials down to e^-700 next to 1
DIGITS = 25


def as_float(v):
    return struct.unpack("f", struct.pack("f", v))[0]


def rows():
    drawn = random.Random(5)
    yield [0.0]
    yield [3.5]
    yield [20.0, 0.0]
    yield [46.0, 0.0]
    yield [0.0, 0.0, 0.0]
    yield [1.0, 1.0, -3.0, 1.0]
    yield [0.0, -87.0, -95.0, -103.0]
    yield [1000.0, 999.0, -1000.0, 1000.0]
    yield [1e6, 1e6 + 0.25, 1e6 - 0.5, 1e6 - 2]
    yield [-0.0, 1e-30, -1e-30, 1e-10]
    yield [3e38, -3e38, 0.0]
    yield [0.1, 0.4, 0.35, -0.2, 0.39]
    yield [-700.0, -1.0, -2.0]
    for n, spread in [(17, 1), (33, 5), (40, 0.01), (300, 3)]:
        yield [as_float(drawn.gauss(0, spread)) for _ in range(n)]


def softmax(x):
    e = [mp.exp(v - max(x)) for v in x]
    return [v / mp.fsum(e) for v in e]


def softmax_back(y, dy):
    dx, size = [], []
    for j in range(len(y)):
        terms = [y[j] * y[i] * (dy[j] - dy[i]) for i in range(len(y))]
        dx.append(mp.fsum(terms))
        size.append(mp.fsum(abs(t) for t in terms))
    return dx, size


def log_softmax(x):
    return [(v - max(x)) - mp.log(mp.fsum(mp.exp(w - max(x)) for w in x)) for v in x]


def log_softmax_back(y, dy):
    total = mp.fsum(dy)
    dx = [g - mp.exp(v) * total for v, g in zip(y, dy)]
    # From a rounded y, e^y is known to |y| / 2 units.
    size = [max(abs(d), abs(total * mp.exp(v)) * (1 + abs(v)) if v < -0.5 else
                max(abs(g - total), abs(total * mp.expm1(v)))) for v, g, d in zip(y, dy, dx)]
    return dx, size


def softmin(x):
    return softmax([-v for v in x])


def softmin_back(y, dy):
    dx, size = softmax_back(y, dy)
    return [-d for d in dx], size


def hardmax(x):
    return [mpf(i == x.index(max(x))) for i in range(len(x))]


def hardmax_back(y, dy):
    return [mpf(0)] * len(y), [mpf(0)] * len(y)


def sparsemax(x):
    """By sorting: the threshold belongs to the largest support that it leaves positive."""
    z = sorted((v - max(x) for v in x), reverse=True)
    total, threshold = mpf(0), None
    for k, v in enumerate(z, 1):
        total += v
        if 1 + k * v > total:
            threshold = (total - 1) / k
    return [mp.mpf(max(v - max(x) - threshold, 0)) for v in x]


def sparsemax_back(y, dy):
    inside = [g for v, g in zip(y, dy) if v > 0]
    mean = mp.fsum(inside) / len(inside)
    return ([g - mean if v > 0 else mpf(0) for v, g in zip(y, dy)],
            [max(abs(g), abs(mean)) for g in dy])


def text(numbers):
    return ",".join(mp.nstr(v, DIGITS) for v in numbers)


def main():
    print("# Written by tools/make_golden_rows.py, which tells what the columns are.")
    print("# SPDX-License-Identifier: Apache-2.0")
    drawn = random.Random(6)
    for row in rows():
        x = [as_float(v) for v in row]
        gradients = [[as_float(drawn.gauss(0, 1)) for _ in x]]
        if len(x) < 40:
            gradients.append([-1.0 if i == 0 else 0.0 for i in range(len(x))])
        for dy in gradients:
            for name in ("softmax", "log_softmax", "softmin", "hardmax", "sparsemax"):
                exact = [mpf(v) for v in x]
                y = globals()[name](exact)
                dx, size = globals()[name + "_back"](y, [mpf(g) for g in dy])
                print(name, ",".join(v.hex() for v in x), ",".join(g.hex() for g in dy), text(y),
                      text(dx), text(size))


main()
