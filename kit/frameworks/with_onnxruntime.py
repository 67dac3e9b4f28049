"""ONNX Runtime as a target: `gradkeep check 'python kit/frameworks/with_onnxruntime.py'`.

A model of one operator for each question, on the CPU. Values only: it is there for inference.
"""
# SPDX-License-Identifier: Apache-2.0

import answer
import onnxruntime
from onnx_models import OPERATORS, ROW_OPERATORS, session


def operation(make):
    def call(x, *parameters):
        found = session(make, parameters, x.dtype.name, axes=x.ndim)
        if not found:
            raise answer.Unsupported(f"no such operator for {x.dtype.name} with {list(parameters)}")
        return found.run(["y"], {"x": x})[0]
    return call


def calculate(f, x, order):
    if order:
        raise answer.Unsupported("it has no backward pass")
    return f(x)


def framework():
    return answer.Framework(
        title=answer.described(f"ONNX Runtime {onnxruntime.__version__}"),
        operations={name: operation(make) for name, make in OPERATORS.items()},
        rows={name: operation(make) for name, make in ROW_OPERATORS.items()},
        calculate=calculate, tensor=lambda x: x)


if __name__ == "__main__":
    answer.serve(framework())
