#!/usr/bin/env python3
"""Inputs whose results in double are hard to round, searched for where they can be had cheaply.

Next to n 2^-k a function is a short polynomial of x, and what it gives may lie extremely close to the
middle between two doubles: 106 bits then do not tell which is nearer. This file tries such inputs and
their neighbours, and keeps the hardest of each function. (Lists of the hardest of all inputs are
published; docs/tiers.md names them and says how to run them whole.)

    python3 tools/make_worst_cases.py > tests/check/worst_cases.txt

A line holds: name, input and result in hexadecimal, and n where the real value is within 2^-n units in
the last place of the middle.
"""
# SPDX-License-Identifier: Apache-2.0

import math

import mpmath
from mpmath import mp, mpf

mp.prec = 600
KEPT = 30
FUNCTIONS = {
    "exp": (mpmath.exp, -40, 40),
    "expm1": (mpmath.expm1, -40, 40),
    "log1p": (mpmath.log1p, 0, 1),
    "tanh": (mpmath.tanh, -1, 1),
    "erf": (mpmath.erf, -1, 1),
    "erfc": (mpmath.erfc, -1, 1),
}


def inputs():
    """n 2^-k, and doubles up to some units in the last place beside it."""
    for k in range(1, 64):
        for n in (1, 3, 5, 7, 9, 11, 15):
            for sign in (1, -1):
                x = sign * math.ldexp(n, -k)
                for steps in range(-12, 13):
                    yield x + steps * math.ulp(x / 2)


def hardness(y):
    """How many bits behind the last place agree with the middle between two doubles; 0 for a tie."""
    exponent = math.frexp(float(y))[1]
    rest = abs(y) * mpf(2) ** (53 - exponent)
    gap = abs(rest - mpmath.floor(rest) - mpf(0.5))
    return 0 if gap == 0 else int(-mpmath.log(gap, 2))


print("# Made by tools/make_worst_cases.py, which says what the columns are.")
for name, (function, low, high) in FUNCTIONS.items():
    found = {}
    for x in inputs():
        if low <= x <= high and x != 0:
            y = function(mpf(x))
            found[x] = (hardness(y), float(y))
    hardest = sorted(found, key=lambda x: (-found[x][0], x))[:KEPT]
    for x in sorted(hardest):
        print(name, x.hex(), found[x][1].hex(), found[x][0])
