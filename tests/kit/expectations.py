"""What another project expects of activations, as it passes from its Python to the tests' own: a folder
with a list of cases and their arrays.

bfloat16 arrays are `uint16` with the same bits, since NumPy does not know the type.
"""
# SPDX-License-Identifier: Apache-2.0

import json
import pathlib

import numpy as np


def save(folder, cases):
    """Each case is a dict; its entry `arrays` holds arrays by name, all else goes into JSON."""
    arrays = {f"{k}.{name}": x for k, case in enumerate(cases)
              for name, x in case["arrays"].items()}
    np.savez(pathlib.Path(folder) / "arrays.npz", **arrays)
    rest = [{key: value for key, value in case.items() if key != "arrays"} for case in cases]
    (pathlib.Path(folder) / "cases.json").write_text(json.dumps(rest))


def load(folder):
    cases = json.loads((pathlib.Path(folder) / "cases.json").read_text())
    for case in cases:
        case["arrays"] = {}
    with np.load(pathlib.Path(folder) / "arrays.npz") as arrays:
        for key, x in arrays.items():
            k, _, name = key.partition(".")
            cases[int(k)]["arrays"][name] = x
    return cases


def wide(x):
    """Numbers that NumPy can work with: bfloat16 is the upper half of a float32."""
    if x.dtype == np.uint16:
        x = (x.astype(np.uint32) << 16).view(np.float32)
    return x.astype(np.float64)
