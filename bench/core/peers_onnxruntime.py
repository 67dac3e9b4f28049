"""ONNX Runtime's rows: a model of one node, bound to the arrays. Forward only; it has no backward.

SPDX-License-Identifier: Apache-2.0
"""

import numpy as np
import onnxruntime

try:
    import onnx
    from onnx import helper
except ImportError as error:
    raise ImportError("onnx is needed to write the models") from error

OPSET = 20
MICROSOFT = "com.microsoft"
ELEMENT = {"f32": (onnx.TensorProto.FLOAT, np.float32), "f64": (onnx.TensorProto.DOUBLE, np.float64),
           "f16": (onnx.TensorProto.FLOAT16, np.float16)}
# name -> operator and its attributes from the parameters.
OPERATORS = {
    "arctan": lambda: ("Atan", {}),
    "celu": lambda alpha: ("Celu", {"alpha": alpha}),
    "elu": lambda alpha: ("Elu", {"alpha": alpha}),
    "erf": lambda: ("Erf", {}),
    "exponential": lambda: ("Exp", {}),
    "gelu": lambda: ("Gelu", {}),
    "gelu_tanh": lambda: ("Gelu", {"approximate": "tanh"}),
    "hard_shrink": lambda p: ("Shrink", {"lambd": p}),
    "hard_sigmoid": lambda slope, offset: ("HardSigmoid", {"alpha": slope, "beta": offset}),
    "hard_swish": lambda: ("HardSwish", {}),
    "leaky_relu": lambda p: ("LeakyRelu", {"alpha": p}),
    "mish": lambda: ("Mish", {}),
    "quick_gelu": lambda: ("QuickGelu", {"alpha": 1.702}),
    "relu": lambda: ("Relu", {}),
    "selu": lambda: ("Selu", {}),
    "sigmoid": lambda: ("Sigmoid", {}),
    "silu": lambda: ("QuickGelu", {"alpha": 1.0}),
    "sine": lambda: ("Sin", {}),
    "soft_shrink": lambda p: ("Shrink", {"lambd": p, "bias": p}),
    "softplus": lambda beta: ("Softplus", {}) if beta == 1 else None,
    "softsign": lambda: ("Softsign", {}),
    "swish": lambda beta: ("QuickGelu", {"alpha": beta}),
    "tanh": lambda: ("Tanh", {}),
    "thresholded_relu": lambda alpha: ("ThresholdedRelu", {"alpha": alpha}),
}
sessions = {}


def versions():
    yield "ONNX Runtime", onnxruntime.__version__


def session(operator, attributes, element, threads):
    key = (operator, tuple(attributes.items()), element, threads)
    if key not in sessions:
        domain = MICROSOFT if operator == "QuickGelu" else ""
        graph = helper.make_graph(
            [helper.make_node(operator, ["x"], ["y"], domain=domain, **attributes)], "one",
            [helper.make_tensor_value_info("x", element, [None])],
            [helper.make_tensor_value_info("y", element, [None])])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET),
                                                        helper.make_opsetid(MICROSOFT, 1)])
        model.ir_version = 9
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4
        try:
            sessions[key] = onnxruntime.InferenceSession(
                model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        except Exception:  # noqa: BLE001  (a type that this operator is not implemented for)
            sessions[key] = None
    return sessions[key]


def rows(task):
    find = task.find(OPERATORS, 0)
    if task.pass_ != "forward" or not find or task.type not in ELEMENT:
        return []
    operation = find(*task.parameters)
    element, dtype = ELEMENT[task.type]
    found = operation and session(*operation, element, task.threads)
    if not found:
        return []
    binding = found.io_binding()
    x, y = (np.frombuffer(task.memory, dtype, task.elements, task.offset(which)) for which in (0, 2))
    binding.bind_input("x", "cpu", 0, dtype, x.shape, x.ctypes.data)
    binding.bind_output("y", "cpu", 0, dtype, y.shape, y.ctypes.data)
    return [("ONNX Runtime", operation[0], lambda: found.run_with_iobinding(binding), None)]
