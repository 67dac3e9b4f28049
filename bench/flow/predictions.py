"""Mean-field predictions against the same in SciPy (quad and brentq), in one run, one thread.

A prediction is the stable fixed point q of the length map, chi_1, V'(q) and three gains. SciPy gets
the formulas of docs/theory.md and the kinks. Our program and SciPy take turns; the ratio is the
median over the pairs, of the processor's time, since others may use the machine. Our phase diagram, 200
x 200 points on two threads, is timed beside them by the clock on the wall.

    python bench/flow/predictions.py build/bench/flow/flow_predictions_bench [--repeats 7]

Exit 1 if a ratio is below 100, a prediction takes more than 5 ms or a phase diagram more than 1 s.
Needs SciPy.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import math
import pathlib
import statistics
import subprocess
import sys
import time

import scipy
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import ndtr

sys.path.append(str(pathlib.Path(__file__).parents[1]))
from machine import processor  # noqa: E402  (beside the folders of the benchmarks)


def density(z):
    return math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))


# name: value, slope, kinks, weight_std, bias_std
FUNCTIONS = {
    "tanh": (math.tanh, lambda x: 1 - math.tanh(x) ** 2, [], 1.5, 0.1),
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * sigmoid(-x), [], 1.0, 0.0),
    "relu": (lambda x: max(x, 0.0), lambda x: float(x > 0), [0.0], 1.0, 0.1),
    "gelu": (lambda x: x * ndtr(x), lambda x: ndtr(x) + x * density(x), [], 1.2, 0.3),
}


def mean(g, q, kinks):
    s = math.sqrt(q)
    edges = [k / s for k in kinks if abs(k / s) < 11] or None
    return quad(lambda z: g(s * z, z) * density(z), -11, 11, points=edges, epsabs=1e-13, epsrel=1e-11,
                limit=200)[0]


def prediction(value, slope, kinks, weight_std, bias_std):
    w, b = weight_std**2, bias_std**2
    q = brentq(lambda q: w * mean(lambda x, z: value(x) ** 2, q, kinks) + b - q, 1e-9, 1e3,
               xtol=1e-14, rtol=1e-13)
    chi_1 = w * mean(lambda x, z: slope(x) ** 2, q, kinks)
    length_slope = w / math.sqrt(q) * mean(lambda x, z: z * value(x) * slope(x), q, kinks)
    second = mean(lambda x, z: value(x) ** 2, 1, kinks)
    gains = (1 / math.sqrt(second), 1 / math.sqrt(mean(lambda x, z: slope(x) ** 2, 1, kinks)),
             1 / math.sqrt(second - mean(lambda x, z: value(x), 1, kinks) ** 2))
    return q, chi_1, length_slope, gains


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    print(f"{processor()}, SciPy {scipy.__version__}; milliseconds, medians of {arguments.repeats}")
    print("| function | first | again | SciPy | ratio (smallest to largest) | phase diagram |")
    print("| --- | --- | --- | --- | --- | --- |")
    missed = 0
    for name, (value, slope, kinks, weight_std, bias_std) in FUNCTIONS.items():
        rows = []
        for _ in range(arguments.repeats):
            command = [arguments.program, name, str(weight_std), str(bias_std)]
            ours = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            start = time.process_time()
            theirs = prediction(value, slope, kinks, weight_std, bias_std)
            passed = 1e3 * (time.process_time() - start)
            for mine, other in zip(map(float, ours[3:]), theirs[:3]):
                if not math.isclose(mine, other, rel_tol=1e-9):
                    raise SystemExit(f"{name}: {mine} here, {other} by SciPy")
            rows.append((*map(float, ours[:3]), passed))
        ratios = sorted(row[3] / row[1] for row in rows)
        first, again, phase, scipys = (statistics.median(column) for column in zip(*rows))
        ratio = statistics.median(ratios)
        missed += ratio < 100 or again > 5 or phase > 1000
        print(f"| {name} | {first:.1f} | {again:.3f} | {scipys:.0f} | {ratio:.0f} "
              f"({ratios[0]:.0f} to {ratios[-1]:.0f}) | {phase:.0f} |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
