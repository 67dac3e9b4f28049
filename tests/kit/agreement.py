"""A framework held against its dialect, at the numbers where implementations part.

Only what is meant is judged here: a result within a thousandth is the same function, whatever its
rounding. What is not, and is not a convention of the dialect either, is a deviation.
"""
# SPDX-License-Identifier: Apache-2.0

import functools
import json
import math
import os
import pathlib
import re
import subprocess

import dialects
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
F32 = np.finfo(np.float32)
TINY = float(F32.smallest_subnormal)
# Kinks, ties and onsets that any function has, asked of all: what is a kink of one is a plain place
# for the next, and must be. Those of exp and of its kind, extrema, the thresholds of softplus.
ONSETS = [0.5, 1, 1.278465, 1.192431, 0.751792, 1.5, math.sqrt(2), 2, 2.27, 2.39936, 2.5, 2.7, 3,
          5.5, 6, 6.15, 9.011, 11.09, 13.15, 13.942, 16.64, 17.33, 20, 37.6, 86, 88.72, 91.8, 104]
NEAR_ZERO = [0.0, TINY, float(F32.smallest_normal), 1e-8, 1e-6]
FAR = [1e4, 1e10, 1e18, 1e20, float(F32.max), math.inf]


def program():
    found = os.environ.get("GRADKEEP_CLI", ROOT / "build" / "cli" / "gradkeep")
    assert pathlib.Path(found).is_file(), f"{found} is missing: ./run build makes it"
    return str(found)


@functools.lru_cache(maxsize=None)
def gradkeep(*words):
    done = subprocess.run([program(), *words, "--json"], capture_output=True, text=True)
    assert done.returncode == 0, (words, done.stderr)
    return json.loads(done.stdout)


def functions():
    return [function["name"] for function in gradkeep("list")["functions"]]


def show(text):
    return gradkeep("show", text, "--any-parameters")


def parameters(shown):
    return {p["name"]: float(p["value"]) for p in shown["parameters"]}


def spelled(name, some):
    """The canonical text, with every parameter and without blanks."""
    inside = ",".join(f"{key}={value!r}" for key, value in some.items())
    return f"{name}({inside})" if inside else name


@functools.lru_cache(maxsize=None)
def truths(text, order, xs, kind="f64"):
    words = [repr(x) for x in xs]
    told = gradkeep("eval", text, *words, "--order", str(dialects.ORDERS.index(order)), "--type",
                    kind, "--tier", "truth", "--any-parameters")
    return [float(result["y"]) for result in told["results"]]


def points(shown, dtype, everywhere):
    """Where to ask, as numbers of the type inside the function's domain; NaN last. Not everywhere: at 0
    and kinks alone."""
    kinks = [float(kink["at"]) for kink in shown["kinks"]]
    places = [s * x for x in (NEAR_ZERO + ONSETS + FAR if everywhere else [0.0])
              for s in (1, -1)]
    places += [x for x in kinks if float(dtype(x)) == x]
    numbers = [dtype(x) for x in places]
    if everywhere:
        numbers += [np.nextafter(x, dtype(end)) for x in map(dtype, kinks + [20, -20])
                    for end in (-math.inf, math.inf)]
    low, high = (float(shown["domain"][end]) for end in ("low", "high"))
    inside = {repr(float(x)): float(x) for x in numbers if low < x < high or math.isinf(x) and
              (x == low or x == high)}
    return [*inside.values(), math.nan]


def close(got, want):
    if math.isnan(want) or math.isinf(want) or math.isnan(got) or math.isinf(got):
        # Rounding to infinity is rounding, where the want itself lies at the end of float32.
        return dialects.same(got, want) or (abs(got) == math.inf and abs(want) > 3.4e38)
    return abs(got - want) <= 1e-5 + 1e-3 * abs(want)


def differences(target, dialect, text, dtype, here, everywhere=False):
    """(what, x, got, want) where the target does not what the dialect means; and what it lacks."""
    shown = show(text)
    some = parameters(shown)
    name = shown["function"]
    xs = points(shown, dtype, everywhere)
    found, lacking = [], []
    for order in dialects.ORDERS:
        got = target.ask(f"{order} {spelled(name, some)}", np.array(xs, dtype))
        if isinstance(got, str):
            lacking.append((order, got))
            continue

        def truth(other, order, x):
            return truths(other or text, order, tuple(xs))[xs.index(x)] if x == x else math.nan

        for x, y in zip(xs, got.astype(float).tolist()):
            want = dialects.meaning(dialect, name, some, order, x, truth, **here)
            if want is not None and not close(y, want):
                found.append((order, x, y, want))
    return found, lacking


def version_of(target):
    title = target.ask("describe -", np.zeros(0, np.float32))
    return re.search(r"\d[\d.]*", title)[0]
