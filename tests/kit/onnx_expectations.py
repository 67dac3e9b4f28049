"""The node tests of the onnx package for some operators, for the tests' own Python:

    python onnx_expectations.py FOLDER Relu Elu ...

A node test is an operator with attributes, inputs and the output that the standard's reference gives.
"""
# SPDX-License-Identifier: Apache-2.0

import sys

import expectations
import numpy as np
import onnx
from onnx.backend.test.case.node import collect_testcases


def numbers(x):
    """The array, bfloat16 as its bits; None for what is no array (a sequence, an optional)."""
    if not isinstance(x, (np.ndarray, np.generic)):
        return None
    x = np.asarray(x)
    return x.view(np.uint16) if x.dtype.name == "bfloat16" else x


def attribute(entry):
    value = onnx.helper.get_attribute_value(entry)
    return value.decode() if isinstance(value, bytes) else value


def cases(operators):
    np.seterr(all="ignore")
    for test in collect_testcases():
        nodes = test.model.graph.node if test.model else []
        # A name that ends in "_expanded" is the same test for the operator's body in other operators.
        if len(nodes) != 1 or nodes[0].op_type not in operators or "_expanded" in test.name:
            continue
        [(inputs, [output])] = test.data_sets
        # An input that is left out has no name, and no array.
        given = iter(inputs)
        placed = [numbers(next(given)) if name else None for name in nodes[0].input]
        arrays = {f"x{k}": x for k, x in enumerate(placed) if x is not None}
        if numbers(output) is not None:
            arrays["y"] = numbers(output)
        yield {"test": test.name, "operator": nodes[0].op_type, "rtol": test.rtol,
               "atol": test.atol, "inputs": len(placed),
               "attributes": {entry.name: attribute(entry) for entry in nodes[0].attribute},
               "arrays": {name: np.ascontiguousarray(x) for name, x in arrays.items()}}


if __name__ == "__main__":
    expectations.save(sys.argv[1], list(cases(set(sys.argv[2:]))))
