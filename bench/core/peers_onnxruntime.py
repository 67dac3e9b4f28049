"""ONNX Runtime's rows: a model of one node, bound to the arrays. Forward only; it has no backward.

SPDX-License-Identifier: Apache-2.0
"""

import numpy as np
import onnxruntime
from onnx_models import OPERATORS, session

DTYPE = {"f32": np.float32, "f64": np.float64, "f16": np.float16}
# Its own QuickGelu has a kernel, where the standard Swish is put together from two operators.
FASTER = {
    "silu": lambda: ("QuickGelu", {"alpha": 1.0}),
    "swish": lambda beta: ("QuickGelu", {"alpha": beta}),
}


def versions():
    yield "ONNX Runtime", onnxruntime.__version__


def rows(task):
    make = task.find(OPERATORS | FASTER, 0)
    if task.pass_ != "forward" or not make or task.type not in DTYPE:
        return []
    dtype, parameters = DTYPE[task.type], tuple(task.parameters)
    found = session(make, parameters, dtype.__name__, task.threads)
    if not found:
        return []
    binding = found.io_binding()
    x, y = (np.frombuffer(task.memory, dtype, task.elements, task.offset(which)) for which in (0, 2))
    binding.bind_input("x", "cpu", 0, dtype, x.shape, x.ctypes.data)
    binding.bind_output("y", "cpu", 0, dtype, y.shape, y.ctypes.data)
    return [("ONNX Runtime", make(*parameters)[0], lambda: found.run_with_iobinding(binding), None)]
