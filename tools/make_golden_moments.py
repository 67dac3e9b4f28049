#!/usr/bin/env python3
"""Golden values of mean-field theory, by a third hand: mpmath at 34 digits.

    python3 tools/make_golden_moments.py > tests/flow/golden_moments.txt

The functions are those of make_golden_functions.py. Averages over one normal input are integrated
piece by piece between kinks, a jump adding its point mass to the slope. Pairs of inputs: analytic
functions by the trapezoid rule in two dimensions, which for them converges exponentially;
piecewise polynomials and exponentials by the closed form of the inner integral. The library does
neither. Fixed points and critical weights are found by a scan for changes of sign and findroot.

Lines, all numbers to 20 digits, parameters comma-separated or - for none:
    moments NAME PARAMETERS q  E_phi E_phi2 E_dphi E_dphi2 E_dphi4 E_z_phi_dphi
                               E|phi| E|dphi| E|z_phi_dphi|
    pair NAME PARAMETERS q c  E_phi_phi E_dphi_dphi
    fixed NAME PARAMETERS weight_std bias_std  q V' chi_1 1-c* xi_c    one line for each q > 0
    critical NAME PARAMETERS bias_std  weight_std q V'                 one line for each q > 0
"""
# SPDX-License-Identifier: Apache-2.0

import functools
import importlib.util
import pathlib
import sys

from mpmath import mp, mpf

_spec = importlib.util.spec_from_file_location(
    "golden_functions", pathlib.Path(__file__).with_name("make_golden_functions.py")
)
golden = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(golden)
mp.dps = 34
DIGITS = 20
NODES = 32
REACH = 12  # the normal weight beyond is 4e-33

VARIANCES = [1e-3, 0.3, 1.0, 25.0]
CORRELATIONS = [-0.9, 0.0, 0.5, 0.93, 0.999]

FAR = ("exponential", "hard_shrink", "soft_shrink", "thresholded_relu")

# Where the value or the slope jumps, or the curvature does: integrals stop there.
KINKS = {
    "celu": lambda alpha: [0],
    "elu": lambda alpha: [0],
    "gelu_10": lambda: [mp.findroot(lambda x: golden.gelu(x)[0] - 10, 10)],
    "hard_mish": lambda: [-2, 0],
    "hard_shrink": lambda size: [-size, size],
    "hard_sigmoid": lambda low, high: [low, high],
    "hard_swish": lambda: [-3, 3],
    "hard_tanh": lambda low, high: [low, high],
    "isrlu": lambda alpha: [0],
    "leaky_relu": lambda slope: [0],
    "penalized_tanh": lambda a: [0],
    "prelu": lambda slope: [0],
    "relu": lambda: [0],
    "relu6": lambda: [0, 6],
    "relu_squared": lambda: [0],
    "rrelu": lambda lower, upper: [0],
    "selu": lambda: [0],
    "smelu": lambda beta: [-beta, beta],
    "soft_shrink": lambda size: [-size, size],
    "softsign": lambda: [0],
    "sparse_plus": lambda: [-1, 1],
    "sparse_sigmoid": lambda: [-1, 1],
    "star_relu": lambda scale, bias: [0],
    "step": lambda at: [at],
    "threshold": lambda at, value: [at],
    "thresholded_relu": lambda alpha: [alpha],
    "xielu": lambda alpha_p, alpha_n, beta: [0],
}


def rule(cuts, count):
    """Gauss-Legendre between neighbouring cuts: (point, weight) of all."""
    unit = legendre(count, mp.prec)
    out = []
    for low, high in zip(cuts, cuts[1:]):
        middle, half = (low + high) / 2, (high - low) / 2
        out += [(middle + half * t, half * w) for t, w in unit]
    return out


@functools.lru_cache
def legendre(count, precision):
    out = []
    with mp.extraprec(30):
        for i in range(count):
            x = mp.cos(mp.pi * (i + mpf(3) / 4) / (count + mpf(1) / 2))
            for _ in range(9):
                before, p = mpf(1), x
                for k in range(2, count + 1):
                    before, p = p, ((2 * k - 1) * x * p - (k - 1) * before) / k
                slope = count * (x * p - before) / (x * x - 1)
                x -= p / slope
            out.append((x, 2 / ((1 - x * x) * slope**2)))
    return out


def grid(low, high, width, extra):
    count = int(mp.ceil((high - low) / width))
    cuts = {low + (high - low) * i / count for i in range(count + 1)}
    return sorted(cuts | {mpf(e) for e in extra if low < e < high})


class Phi:
    """A function bound to its parameters."""

    def __init__(self, name, parameters=None):
        self.name = name
        index = golden.NAMES.index(name)
        function, default, _ = golden.FUNCTIONS[index]
        self.parameters = default if parameters is None else parameters
        bound = [mpf(p) for p in self.parameters]
        self.both = lambda x: function(x, *bound)[:2]
        self.kinks = [mpf(k) for k in KINKS.get(name, lambda *_: [])(*bound)]
        # What is steeper than the width of a piece asks for narrower pieces.
        self.width = mpf(1) / 4 if name == "laplace" else mpf(1) / 2
        # What grows like e^x, or is 0 around 0, has its averages from far out.
        self.reach = 40 if name in FAR else REACH
        self.jumps = []
        for k in self.kinks:
            tiny = mpf(10) ** -25
            below, above = self.both(k - tiny)[0], self.both(k + tiny)[0]
            if abs(above - below) > mpf(10) ** -20:
                self.jumps.append((k, below, above))

    def words(self):
        return self.name + " " + (",".join(repr(p) for p in self.parameters) or "-")


@functools.lru_cache(maxsize=64)
def samples(phi, q, width_factor=1, count=NODES):
    """(z, weight with the normal density, phi, phi') for integrals over z."""
    s = mp.sqrt(q)
    cuts = grid(
        mpf(-phi.reach), mpf(phi.reach), min(mpf(1), phi.width / s * 2) * width_factor,
        [0, *[k / s for k in phi.kinks]],
    )  # fmt: skip
    return [
        (z, w * golden.normal_density(z), *phi.both(s * z)) for z, w in rule(cuts, count)
    ]  # fmt: skip


def moments(phi, q, **how):
    q = mpf(q)
    s = mp.sqrt(q)
    rows = samples(phi, q, **how)
    out = [
        mp.fsum(w * f for z, w, f, d in rows),
        mp.fsum(w * f * f for z, w, f, d in rows),
        mp.fsum(w * d for z, w, f, d in rows),
        mp.fsum(w * d * d for z, w, f, d in rows),
        mp.fsum(w * d**4 for z, w, f, d in rows),
        mp.fsum(w * z * f * d for z, w, f, d in rows),
        mp.fsum(w * abs(f) for z, w, f, d in rows),
        mp.fsum(w * abs(d) for z, w, f, d in rows),
        mp.fsum(w * abs(z * f * d) for z, w, f, d in rows),
    ]
    for at, below, above in phi.jumps:
        z = at / s
        mass = golden.normal_density(z) / s
        out[2] += (above - below) * mass
        out[7] += abs(above - below) * mass
        out[3] = out[4] = mp.inf
        # sqrt(q) d/dq E phi^2 of a step of phi^2 at z: the step times z n(z) / (2 sqrt q).
        out[5] += (above**2 - below**2) * z * mass / 2
        out[8] += abs((above**2 - below**2) * z) * mass / 2
    return out


# Pieces (low, high, coefficients of 1, x, x^2, .., coefficient of e^x) of the functions whose inner
# integral has a closed form, and of their slopes between the jumps.
def pieces_of(phi):
    inf = mp.inf
    if phi.name == "relu":
        return [(mpf(0), inf, [0, 1], 0)], [(mpf(0), inf, [1], 0)]
    if phi.name == "hard_tanh":
        a, b = phi.kinks
        return [(-inf, a, [a], 0), (a, b, [0, 1], 0), (b, inf, [b], 0)], [(a, b, [1], 0)]
    if phi.name == "step":
        return [(phi.kinks[0], inf, [1], 0)], []
    if phi.name == "hard_shrink":
        a, b = phi.kinks
        return (
            [(-inf, a, [0, 1], 0), (b, inf, [0, 1], 0)],
            [(-inf, a, [1], 0), (b, inf, [1], 0)],
        )
    if phi.name == "hard_swish":
        return (
            [(mpf(-3), mpf(3), [0, mpf(1) / 2, mpf(1) / 6], 0), (mpf(3), inf, [0, 1], 0)],
            [(mpf(-3), mpf(3), [mpf(1) / 2, mpf(1) / 3], 0), (mpf(3), inf, [1], 0)],
        )
    if phi.name == "elu":
        return (
            [(-inf, mpf(0), [-1], 1), (mpf(0), inf, [0, 1], 0)],
            [(-inf, mpf(0), [], 1), (mpf(0), inf, [1], 0)],
        )
    return None


def tail(x):
    return golden.normal_distribution(x)


def smoothed(pieces, m, d):
    """E g(m + d e) for e ~ N(0, 1)."""
    total = mpf(0)
    for low, high, coefficients, exponential in pieces:
        a = (low - m) / d
        b = (high - m) / d
        na = golden.normal_density(a) if mp.isfinite(a) else mpf(0)
        nb = golden.normal_density(b) if mp.isfinite(b) else mpf(0)
        i0 = tail(b) - tail(a) if a < 0 else tail(-a) - tail(-b)
        i1 = na - nb
        i2 = i0 + (a * na if na else 0) - (b * nb if nb else 0)
        powers = [i0, m * i0 + d * i1, m * m * i0 + 2 * m * d * i1 + d * d * i2]
        total += mp.fsum(c * p for c, p in zip(coefficients, powers))
        if exponential:
            total += exponential * mp.exp(m + d * d / 2) * (tail(b - d) - tail(a - d))
    return total


def pair_by_pieces(phi, q, c):
    s = mp.sqrt(q)
    value_pieces, slope_pieces = pieces_of(phi)
    d = s * mp.sqrt(1 - c * c)

    def inner(m):
        slope = smoothed(slope_pieces, m, d)
        for at, below, above in phi.jumps:
            slope += (above - below) * golden.normal_density((at - m) / d) / d
        return smoothed(value_pieces, m, d), slope

    extra = [k / s for k in phi.kinks]
    if c:
        for k in phi.kinks:
            extra += [
                (k + side * d * mpf(2) ** j) / (c * s) for side in (-1, 0, 1) for j in range(-1, 5)
            ]
    value = slope = mpf(0)
    for z, w in rule(grid(mpf(-REACH), mpf(REACH), mpf(1), extra), NODES):
        f, g = phi.both(s * z)
        if f == 0 and g == 0:
            continue
        weight = w * golden.normal_density(z)
        smooth_value, smooth_slope = inner(c * s * z)
        value += weight * f * smooth_value
        slope += weight * g * smooth_slope
    for at, below, above in phi.jumps:
        slope += (above - below) * golden.normal_density(at / s) / s * inner(c * at)[1]
    return value, slope


@functools.lru_cache(maxsize=8)
def lattice(phi, q, step):
    n = int(10.5 / step)
    out = []
    for i in range(-n, n + 1):
        z = i * step
        out.append((z, step * golden.normal_density(z), *phi.both(mp.sqrt(q) * z)))
    return out


def pair_by_trapezoid(phi, q, c):
    # The nearest singularities of the functions asked for lie pi/2 or farther from the real line
    # over the greatest steepness 2 that any has.
    distance = (mp.pi / 4 if phi.name == "improved_sigmoid" else mp.pi / 2) / mp.sqrt(q)
    step = min(mpf(1) / 5, 2 * mp.pi * distance / 50)
    s, away = mp.sqrt(q), mp.sqrt(1 - c * c)
    rows = lattice(phi, q, step)
    value = slope = mpf(0)
    for z1, w1, f1, d1 in rows:
        inner_value = inner_slope = mpf(0)
        for z2, w2, f2, d2 in rows:
            if w1 * w2 < mpf(10) ** -27:
                continue
            f, d = (f2, d2) if c == 0 else phi.both(s * (c * z1 + away * z2))
            inner_value += w2 * f
            inner_slope += w2 * d
        value += w1 * f1 * inner_value
        slope += w1 * d1 * inner_slope
    return value, slope


def pair(phi, q, c):
    q, c = mpf(q), mpf(c)
    if phi.kinks and not pieces_of(phi):
        raise ValueError(f"{phi.name} has kinks, expected pieces with a closed form")
    return (pair_by_pieces if pieces_of(phi) else pair_by_trapezoid)(phi, q, c)


def scan(excess, low, high, per_unit):
    """The roots of a function of log q, between changes of its sign."""
    with mp.workdps(16):
        count = int((high - low) * per_unit)
        grid_points = [mpf(low) + mpf(i) / per_unit for i in range(count + 1)]
        signs = [mp.sign(excess(u)) for u in grid_points]
    roots = []
    for i in range(count):
        if signs[i] * signs[i + 1] < 0:
            ends = (grid_points[i], grid_points[i + 1])
            roots.append(mp.exp(mp.findroot(excess, ends, solver="anderson")))
    return roots


def coarse_or_fine():
    return {"count": 12, "width_factor": 2} if mp.dps < 20 else {}


def fixed_points(phi, weight_std, bias_std, low=-10, high=5, per_unit=2):
    w, b = mpf(weight_std) ** 2, mpf(bias_std) ** 2

    def excess(u):
        q = mp.exp(u)
        return (w * moments(phi, q, **coarse_or_fine())[1] + b) / q - 1

    for q in scan(excess, low, high, per_unit):
        m = moments(phi, q)
        chi_1 = w * m[3]
        slope = w * m[5] / mp.sqrt(q)
        away, factor = mpf(0), chi_1
        if chi_1 > 1:

            def lost(log_away):
                c = 1 - mp.exp(log_away)
                return (w * (m[1] - pair(phi, q, c)[0]) / q) / mp.exp(log_away) - 1

            with mp.workdps(16):
                start = mp.findroot(lost, (mpf(-14), mpf("-0.001")), solver="anderson", tol=1e-9)
            away = mp.exp(mp.findroot(lost, (start, start + mpf(10) ** -7), solver="secant"))
            factor = w * pair(phi, q, 1 - away)[1]
        yield q, slope, chi_1, away, 1 / abs(mp.log(factor))


def critical_points(phi, bias_std, low=-7, high=5, per_unit=2):
    b = mpf(bias_std) ** 2

    def excess(u):
        q = mp.exp(u)
        m = moments(phi, q, **coarse_or_fine())
        return 1 - m[1] / (m[3] * q) - b / q

    for q in scan(excess, low, high, per_unit):
        m = moments(phi, q)
        yield 1 / mp.sqrt(m[3]), q, m[5] / (mp.sqrt(q) * m[3])


PAIRS = [
    ("tanh", None, [0.3, 6.0]),
    ("sigmoid", None, [1.0]),
    ("gelu", None, [1.0]),
    ("mish", None, [1.0]),
    ("softplus", None, [1.0]),
    ("sine", None, [1.0, 9.0]),
    ("improved_sigmoid", [2.0, 0.1], [1.0]),
    ("relu", None, [1.0]),
    ("hard_tanh", None, [0.3, 25.0]),
    ("elu", None, [1.0]),
    ("hard_swish", None, [1.0]),
    ("step", None, [1.0]),
    ("hard_shrink", None, [0.3, 1.0]),
]
FIXED = [
    ("tanh", None, 1.5, 0.1), ("tanh", None, 1.1, 0.0), ("tanh", None, 1.01, 0.0),
    ("tanh", None, 1.30415, 0.2), ("tanh", None, 0.9, 0.01),
    ("sigmoid", None, 1.0, 0.0), ("sigmoid", None, 3.0, 2.0),
    ("hard_tanh", None, 2.0, 0.3), ("hard_tanh", None, 1.1, 0.0), ("erf", None, 1.0, 0.1),
    ("gelu", None, 1.5, 0.1),
    ("mish", None, 1.5, 0.1), ("selu", None, 0.75, 0.05),
    ("elu", None, 1.1, 0.2), ("relu", None, 1.4, 0.1), ("softplus", None, 1.0, 0.0),
    ("softsign", None, 1.0, 0.3), ("sine", None, 1.2, 0.1), ("step", None, 1.0, 0.1),
    ("hard_shrink", None, 0.9, 0.5), ("hard_swish", None, 1.3, 0.4), ("swish", [3.0], 1.3, 0.2),
    ("improved_sigmoid", [2.0, 0.1], 3.0, 0.1), ("lisht", None, 0.9, 0.3),
]  # fmt: skip
CRITICAL = [
    ("tanh", None, 0.05), ("tanh", None, 0.2), ("tanh", None, 1.0), ("sigmoid", None, 0.0),
    ("sigmoid", None, 0.5), ("improved_sigmoid", [2.0, 0.1], 0.0), ("erf", None, 0.2),
    ("hard_tanh", None, 0.2), ("softsign", None, 0.3), ("elu", None, 0.2), ("selu", None, 0.1),
    ("gelu", None, 0.1), ("silu", None, 0.2), ("mish", None, 0.1), ("arctan", None, 0.5),
    ("lecun_tanh", None, 0.3), ("gelu", None, 0.5), ("softplus", None, 0.3),
]  # fmt: skip


def number(v):
    return mp.nstr(v, DIGITS)


def without_noise(values, sizes):
    """What is rounding next to its size is 0."""
    return [mpf(0) if abs(v) < mpf(10) ** -25 * size else v for v, size in zip(values, sizes)]


def line(kind, phi, given, results):
    return " ".join([kind, phi.words(), *map(repr, given), *map(number, results)])


def cases():
    """(kind, name, parameters, what is given) of every group of lines."""
    for name in golden.NAMES:
        for q in VARIANCES if name != "log1mexp" else []:
            yield "moments", name, None, (q,)
    for name, parameters, variances in PAIRS:
        for q in variances:
            for c in CORRELATIONS:
                yield "pair", name, parameters, (q, c)
    for name, parameters, weight_std, bias_std in FIXED:
        yield "fixed", name, parameters, (weight_std, bias_std)
    for name, parameters, bias_std in CRITICAL:
        yield "critical", name, parameters, (bias_std,)


def lines(kind, name, parameters, given):
    phi = Phi(name, parameters)
    if kind == "moments":
        m = moments(phi, *given)
        return [line(kind, phi, given, without_noise(m, [m[6], m[1], m[7], 0, 0, m[8], 0, 0, 0]))]
    if kind == "pair":
        return [line(kind, phi, given, without_noise(pair(phi, *given), [1, 1]))]
    found = {"fixed": fixed_points, "critical": critical_points}[kind](phi, *given)
    return [line(kind, phi, given, results) for results in found]


def main():
    print("# Made by tools/make_golden_moments.py; see there for the columns.")
    for case in cases():
        for text in lines(*case):
            print(text, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
