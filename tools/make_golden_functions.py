#!/usr/bin/env python3
"""Golden values of every activation function, by a third hand.

The library has two texts of each function: the kernel and the truth. This file is a third one,
written from the papers with derivatives by hand, over mpmath's numbers, and shares nothing with the
other two: a formula that is wrong here or there shows as a disagreement.

    python3 tools/make_golden_functions.py > tests/check/golden_functions.txt

A line holds: name, parameters (comma-separated, - for none), x in hexadecimal, value, slope,
curvature, and the slope of each parameter, to 30 digits.
"""
# SPDX-License-Identifier: Apache-2.0

import sys

from mpmath import mp, mpf

# 60 digits are wanted where up to 330 cancel (1 + exp(-745)) and twice as many vanish (x at 2^-1074).
mp.dps = 60 + 330 + 2 * 330
DIGITS = 30

SIZES = [
    5e-324, 2.2250738585072014e-308, 2.0**-149, 3 * 2.0**-149, 2.0**-126, 1e-30, 1e-10, 1e-6, 1e-4,
    0.01, 0.1, 0.25, 0.5, 0.7517915246935645, 0.9999999999999999, 1.0, 1.0000000000000002, 1.064,
    1.1924, 1.2784645427610738, 1.5, 2.0, 3.0, 4.0, 5.5, 8.0, 9.0, 9.011, 13.15, 16.64, 17.33, 20.0,
    37.6, 88.0, 91.8, 103.97, 150.0, 700.0, 745.2,
]  # fmt: skip
POINTS = [0.0] + SIZES + [-v for v in SIZES]
FEW_POINTS = [0.0, 1e-30, -1e-30, 0.1, -0.1, 1.0, -1.0, 2.0, -2.0, 5.5, -5.5, 30.0, -30.0, -91.8, 91.8]


def sigma(x):
    return 1 / (1 + mp.exp(-x))


def sigma1(x):
    return sigma(x) * sigma(-x)


def sigma2(x):
    return sigma1(x) * (sigma(-x) - sigma(x))


def normal_density(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def normal_distribution(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def identity(x):
    return x, mpf(1), mpf(0)


def sigmoid(x):
    return sigma(x), sigma1(x), sigma2(x)


def tanh(x):
    t, s = mp.tanh(x), mp.sech(x) ** 2
    return t, s, -2 * t * s


def relu(x):
    return (x, mpf(1), mpf(0)) if x > 0 else (mpf(0), mpf(0), mpf(0))


def leaky_relu(x, slope):
    return (x, mpf(1), mpf(0), mpf(0)) if x > 0 else (slope * x, slope, mpf(0), x)


def elu(x, alpha):
    if x > 0:
        return x, mpf(1), mpf(0), mpf(0)
    return alpha * mp.expm1(x), alpha * mp.exp(x), alpha * mp.exp(x), mp.expm1(x)


# Klambauer et al. 2017: a standard normal input gives an output of mean 0 (which fixes alpha) and
# variance 1 (which fixes lambda, from E[f^2] / lambda^2 = 1/2 + alpha^2 E[(e^z - 1)^2; z < 0]).
SELU_ALPHA = mp.sqrt(2 / mp.pi) / (1 - mp.exp(mpf(1) / 2) * mp.erfc(1 / mp.sqrt(2)))
SELU_LAMBDA = 1 / mp.sqrt(
    mpf(1) / 2
    + SELU_ALPHA**2
    * (
        mp.e**2 * normal_distribution(mpf(-2))
        - 2 * mp.sqrt(mp.e) * normal_distribution(mpf(-1))
        + mpf(1) / 2
    )
)


def softplus(x, beta):
    z = beta * x
    log_sum = mp.log1p(mp.exp(-abs(z))) + max(z, mpf(0))
    return log_sum / beta, sigma(z), beta * sigma1(z), (z * sigma(z) - log_sum) / beta**2


def softsign(x):
    a = 1 + abs(x)
    return x / a, 1 / a**2, (-2 if x > 0 else 2) / a**3


def silu(x):
    return x * sigma(x), sigma(x) + x * sigma1(x), 2 * sigma1(x) + x * sigma2(x)


def gelu(x):
    phi = normal_density(x)
    return x * normal_distribution(x), normal_distribution(x) + x * phi, phi * (2 - x * x)


def gelu_tanh(x):
    c = mp.sqrt(2 / mp.pi)
    w = 2 * c * (x + mpf("0.044715") * x**3)
    w1 = 2 * c * (1 + 3 * mpf("0.044715") * x**2)
    w2 = 12 * c * mpf("0.044715") * x
    return (
        x * sigma(w),
        sigma(w) + x * sigma1(w) * w1,
        2 * sigma1(w) * w1 + x * (sigma2(w) * w1**2 + sigma1(w) * w2),
    )


def mish(x):
    # t = tanh(log(1 + e^x)) = v / (v + 2) with v = e^x (e^x + 2).
    e = mp.exp(x)
    v = e * (e + 2)
    v1 = 2 * e * (e + 1)
    v2 = 2 * e * (2 * e + 1)
    t = v / (v + 2)
    t1 = 2 * v1 / (v + 2) ** 2
    t2 = 2 * v2 / (v + 2) ** 2 - 4 * v1**2 / (v + 2) ** 3
    return x * t, t + x * t1, 2 * t1 + x * t2


def hard_tanh(x, low, high):
    if x <= low:
        return low, mpf(0), mpf(0), mpf(1), mpf(0)
    if x >= high:
        return high, mpf(0), mpf(0), mpf(0), mpf(1)
    return x, mpf(1), mpf(0), mpf(0), mpf(0)


def improved_sigmoid(x, alpha, beta):
    z = alpha * x
    return (
        sigma(z) + beta * x,
        alpha * sigma1(z) + beta,
        alpha**2 * sigma2(z),
        x * sigma1(z),
        x,
    )


def algebraic_sigmoid(x):
    r = mp.sqrt(1 + x * x)
    return (1 + x / r) / 2, 1 / (2 * r**3), -3 * x / (2 * r**5)


def arctan_sigmoid(x):
    return mpf(1) / 2 + mp.atan(x) / mp.pi, 1 / (mp.pi * (1 + x * x)), -2 * x / (mp.pi * (1 + x * x) ** 2)


def arctan(x):
    return mp.atan(x), 1 / (1 + x * x), -2 * x / (1 + x * x) ** 2


def erf(x):
    slope = 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)
    return mp.erf(x), slope, -2 * x * slope


def laplace(x, mu, sigma):
    t = (x - mu) / sigma
    phi = normal_density(t)
    return normal_distribution(t), phi / sigma, -t * phi / sigma**2, -phi / sigma, -t * phi / sigma


def gelu_10(x):
    y, slope, curvature = gelu(x)
    return (mpf(10), mpf(0), mpf(0)) if y > 10 else (y, slope, curvature)


def serf(x):
    s = mp.log1p(mp.exp(-abs(x))) + max(x, mpf(0))
    g = 2 / mp.sqrt(mp.pi) * mp.exp(-s * s)
    up = sigma(x)
    return mp.erf(s) * x, mp.erf(s) + x * g * up, g * (2 * up + x * (sigma1(x) - 2 * s * up**2))


def sine(x):
    return mp.sin(x), mp.cos(x), -mp.sin(x)


def snake(x, f):
    z = f * x
    return (
        x + (1 - mp.cos(2 * z)) / (2 * f),
        1 + mp.sin(2 * z),
        2 * f * mp.cos(2 * z),
        x * mp.sin(2 * z) / f - (1 - mp.cos(2 * z)) / (2 * f**2),
    )


def selu(x):
    if x > 0:
        return SELU_LAMBDA * x, SELU_LAMBDA, mpf(0)
    scale = SELU_LAMBDA * SELU_ALPHA
    return scale * mp.expm1(x), scale * mp.exp(x), scale * mp.exp(x)


def celu(x, alpha):
    if x > 0:
        return x, mpf(1), mpf(0), mpf(0)
    z = x / alpha
    e = mp.exp(z)
    return alpha * mp.expm1(z), e, e / alpha, mp.expm1(z) - z * e


def exponential(x):
    return mp.exp(x), mp.exp(x), mp.exp(x)


def gaussian(x):
    e = mp.exp(-x * x)
    return e, -2 * x * e, (4 * x * x - 2) * e


def log_sigmoid(x):
    return -mp.log1p(mp.exp(-x)), sigma(-x), -sigma1(x)


def log1mexp(x):
    if x <= 0:
        return (-mp.inf, mp.inf, -mp.inf) if x == 0 else (mp.nan,) * 3
    return mp.log(-mp.expm1(-x)), 1 / mp.expm1(x), -mp.exp(x) / mp.expm1(x) ** 2


def cloglog(x):
    t = mp.exp(x)
    return -mp.expm1(-t), t * mp.exp(-t), (1 - t) * t * mp.exp(-t)


def swish(x, beta):
    z = beta * x
    return (
        x * sigma(z),
        sigma(z) + z * sigma1(z),
        beta * (2 * sigma1(z) + z * sigma2(z)),
        x * x * sigma1(z),
    )


def quick_gelu(x):
    return swish(x, mpf("1.702"))[:3]


def xielu(x, alpha_p, alpha_n, beta):
    if x > 0:
        return alpha_p * x**2 + beta * x, 2 * alpha_p * x + beta, 2 * alpha_p, x**2, mpf(0), x
    bend = mp.expm1(x) - x
    return alpha_n * bend + beta * x, alpha_n * mp.expm1(x) + beta, alpha_n * mp.exp(x), mpf(0), bend, x


def tanh_shrink(x):
    t, slope, curvature = tanh(x)
    return x - t, t**2, -curvature


def lecun_tanh(x):
    height, b = mpf("1.7159"), mpf(2) / 3
    t, slope, curvature = tanh(b * x)
    return height * t, height * b * slope, height * b**2 * curvature


def penalized_tanh(x, a):
    t, slope, curvature = tanh(x)
    return (t, slope, curvature, mpf(0)) if x > 0 else (a * t, a * slope, a * curvature, t)


def lisht(x):
    t, slope, curvature = tanh(x)
    return x * t, t + x * slope, 2 * slope + x * curvature


def sqrtsoftplus(x):
    y = mp.sqrt(mp.log1p(mp.exp(x)))
    slope = sigma(x) / (2 * y)
    return y, slope, sigma1(x) / (2 * y) - slope**2 / y


def relu6(x):
    return (mpf(6), mpf(0), mpf(0)) if x >= 6 else relu(x)


def relu_squared(x):
    return (x * x, 2 * x, mpf(2)) if x > 0 else (mpf(0), mpf(0), mpf(0))


def sparse_sigmoid(x):
    if abs(x) >= 1:
        return mpf(x > 0), mpf(0), mpf(0)
    return (1 + x) / 2, mpf(1) / 2, mpf(0)


def sparse_plus(x):
    if abs(x) >= 1:
        return (x, mpf(1), mpf(0)) if x > 0 else (mpf(0), mpf(0), mpf(0))
    return (1 + x) ** 2 / 4, (1 + x) / 2, mpf(1) / 2


def hard_mish(x):
    if -2 <= x <= 0:
        return x + x * x / 2, 1 + x, mpf(1)
    return relu(x)


def threshold(x, threshold, value):
    return (x, mpf(1), mpf(0), mpf(0), mpf(0)) if x > threshold else (value, *[mpf(0)] * 3, mpf(1))


def thresholded_relu(x, alpha):
    return (x, mpf(1), mpf(0), mpf(0)) if x > alpha else (mpf(0),) * 4


def step(x, threshold):
    return mpf(x > threshold), mpf(0), mpf(0), mpf(0)


def hard_shrink(x, size):
    return (x, mpf(1), mpf(0), mpf(0)) if abs(x) > size else (mpf(0),) * 4


def soft_shrink(x, size):
    if abs(x) <= size:
        return (mpf(0),) * 4
    return x - mp.sign(x) * size, mpf(1), mpf(0), -mp.sign(x)


def rrelu(x, lower, upper):
    if x > 0:
        return x, mpf(1), mpf(0), mpf(0), mpf(0)
    slope = (lower + upper) / 2
    return slope * x, slope, mpf(0), x / 2, x / 2


def hard_sigmoid(x, low, high):
    if not low < x < high:
        return (mpf(x >= high), *[mpf(0)] * 4)
    slope = 1 / (high - low)
    y = (x - low) * slope
    return y, slope, mpf(0), (y - 1) * slope, -y * slope


def hard_swish(x):
    if abs(x) >= 3:
        return relu(x)
    return x * x / 6 + x / 2, x / 3 + mpf(1) / 2, mpf(1) / 3


def smelu(x, beta):
    if abs(x) >= beta:
        return (*relu(x), mpf(0))
    ratio = x / beta
    return (
        beta * (1 + ratio) ** 2 / 4,
        (1 + ratio) / 2,
        1 / (2 * beta),
        (1 - ratio**2) / 4,
    )


def star_relu(x, scale, bias):
    r, on, bend = relu(x)
    return scale * r * r + bias, 2 * scale * r, 2 * scale * on, r * r, mpf(1)


def squareplus(x, b):
    s = mp.sqrt(x * x + b)
    return (x + s) / 2, (1 + x / s) / 2, b / (2 * s**3), 1 / (4 * s)


def isru(x, alpha):
    r = 1 / mp.sqrt(1 + alpha * x * x)
    return x * r, r**3, -3 * alpha * x * r**5, -((x * r) ** 3) / 2


def isrlu(x, alpha):
    return isru(x, alpha) if x < 0 else (x, mpf(1), mpf(0), mpf(0))


def bent_identity(x):
    s = mp.sqrt(x * x + 1)
    return (s - 1) / 2 + x, x / (2 * s) + 1, 1 / (2 * s**3)


# Function, its default parameters, and a second choice.
FUNCTIONS = [
    (algebraic_sigmoid, [], None),
    (arctan, [], None),
    (arctan_sigmoid, [], None),
    (bent_identity, [], None),
    (celu, [1.0], [0.5]),
    (cloglog, [], None),
    (elu, [1.0], [0.5]),
    (erf, [], None),
    (exponential, [], None),
    (gaussian, [], None),
    (gelu, [], None),
    (gelu_10, [], None),
    (gelu_tanh, [], None),
    (hard_mish, [], None),
    (hard_shrink, [0.5], [1.5]),
    (hard_sigmoid, [-3.0, 3.0], [-2.5, 1.0]),
    (hard_swish, [], None),
    (hard_tanh, [-1.0, 1.0], [-0.5, 2.0]),
    (identity, [], None),
    (improved_sigmoid, [2.0, 0.1], [4.0, 0.0625]),
    (isrlu, [1.0], [3.0]),
    (isru, [1.0], [0.25]),
    (laplace, [0.707107, 0.282095], [-1.0, 2.0]),
    (leaky_relu, [0.01], [0.2]),
    (lecun_tanh, [], None),
    (lisht, [], None),
    (log1mexp, [], None),
    (log_sigmoid, [], None),
    (mish, [], None),
    (leaky_relu, [0.25], [0.75]),  # prelu: the same function, its slope learned
    (penalized_tanh, [0.25], [0.75]),
    (quick_gelu, [], None),
    (relu, [], None),
    (relu6, [], None),
    (relu_squared, [], None),
    (rrelu, [0.125, 1 / 3], [0.1, 0.3]),
    (selu, [], None),
    (serf, [], None),
    (sigmoid, [], None),
    (silu, [], None),
    (sine, [], None),
    (smelu, [1.0], [2.5]),
    (snake, [1.0], [0.75]),
    (soft_shrink, [0.5], [1.5]),
    (softplus, [1.0], [3.0]),
    (softsign, [], None),
    (sparse_plus, [], None),
    (sparse_sigmoid, [], None),
    (sqrtsoftplus, [], None),
    (squareplus, [4.0], [0.5]),
    (star_relu, [0.8944, -0.4472], [1.5, 0.25]),
    (step, [0.0], [1.0]),
    (swish, [1.0], [3.0]),
    (tanh, [], None),
    (tanh_shrink, [], None),
    (threshold, [0.0, 0.0], [0.1, 20.0]),
    (thresholded_relu, [1.0], [0.5]),
    (xielu, [0.8, 0.8, 0.5], [0.3, 1.25, 0.25]),
]
NAMES = ["prelu" if f is leaky_relu and p == [0.25] else f.__name__ for f, p, _ in FUNCTIONS]


def cases():
    """(name, function, parameters, x) of every line."""
    for name, (function, default, second) in zip(NAMES, FUNCTIONS):
        for x in POINTS:
            if name == "cloglog" and x > 20:  # what is left of its slope has too many zeros to write
                continue
            yield name, function, default, x
        for x in FEW_POINTS if second else []:
            yield name, function, second, x


def line(name, function, parameters, x):
    results = function(mpf(x), *[mpf(p) for p in parameters])
    listed = ",".join(repr(p) for p in parameters) or "-"
    return " ".join([name, listed, float(x).hex(), *[mp.nstr(r, DIGITS) for r in results]])


def main():
    print("# Made by tools/make_golden_functions.py; see there for the columns.")
    for case in cases():
        print(line(*case))
    return 0


if __name__ == "__main__":
    sys.exit(main())
