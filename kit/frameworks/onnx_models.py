"""ONNX models of one operator, for whoever wants to run gradkeep's functions in ONNX Runtime.

An operator stands for one of gradkeep's functions when its attributes and constant inputs can say the
function's parameters.
"""
# SPDX-License-Identifier: Apache-2.0

import functools

import numpy as np
import onnxruntime

try:
    import onnx
    from onnx import helper
except ImportError as error:
    raise ImportError("onnx is needed to write the models") from error

OPSET = 24
MICROSOFT = "com.microsoft"
ELEMENT = {"float32": onnx.TensorProto.FLOAT, "float64": onnx.TensorProto.DOUBLE,
           "float16": onnx.TensorProto.FLOAT16}


def with_attributes(operator, *names):
    """The function's parameters are the operator's attributes; those not given have its defaults."""
    return lambda *parameters: (operator, dict(zip(names, parameters)))


def hard_sigmoid(*ends):
    """The operator wants the slope between, and the value at 0."""
    if not ends:
        return ("HardSigmoid",)
    low, high = ends
    return "HardSigmoid", {"alpha": 1 / (high - low), "beta": -low / (high - low)}


def along_axis(operator):
    return lambda *axis: (operator, dict(zip(("axis",), axis)))


# name -> the operator, its attributes, and its inputs after x, from the function's parameters; None
# where it cannot say them.
OPERATORS = {
    "arctan": lambda: ("Atan",),
    "celu": with_attributes("Celu", "alpha"),
    "elu": with_attributes("Elu", "alpha"),
    "erf": lambda: ("Erf",),
    "exponential": lambda: ("Exp",),
    "gelu": lambda: ("Gelu",),
    "gelu_tanh": lambda: ("Gelu", {"approximate": "tanh"}),
    "hard_shrink": with_attributes("Shrink", "lambd"),
    "hard_sigmoid": hard_sigmoid,
    "hard_swish": lambda: ("HardSwish",),
    "hard_tanh": lambda low, high: ("Clip", {}, (low, high)),
    "identity": lambda: ("Identity",),
    "leaky_relu": with_attributes("LeakyRelu", "alpha"),
    "mish": lambda: ("Mish",),
    "prelu": lambda a: ("PRelu", {}, ([a],)),
    "quick_gelu": lambda: ("QuickGelu", {"alpha": 1.702}),
    "relu": lambda: ("Relu",),
    "relu6": lambda: ("Clip", {}, (0, 6)),
    "selu": lambda: ("Selu",),
    "sigmoid": lambda: ("Sigmoid",),
    "silu": lambda: ("Swish",),
    "sine": lambda: ("Sin",),
    "soft_shrink": lambda p: ("Shrink", {"lambd": p, "bias": p}),
    "softplus": lambda beta=1: ("Softplus",) if beta == 1 else None,
    "softsign": lambda: ("Softsign",),
    "sparse_sigmoid": lambda: ("HardSigmoid", {"alpha": 0.5, "beta": 0.5}),
    "swish": with_attributes("Swish", "alpha"),
    "tanh": lambda: ("Tanh",),
    "thresholded_relu": with_attributes("ThresholdedRelu", "alpha"),
}

# Of rows, along an axis.
ROW_OPERATORS = {
    "hardmax": along_axis("Hardmax"),
    "log_softmax": along_axis("LogSoftmax"),
    "softmax": along_axis("Softmax"),
}


def model(dtype, operator, attributes=None, inputs=(), axes=1):
    element = ELEMENT[dtype]
    constants = [
        helper.make_tensor(f"p{k}", element, np.shape(value), np.ravel(value).tolist())
        for k, value in enumerate(inputs)]
    node = helper.make_node(operator, ["x", *(constant.name for constant in constants)], ["y"],
                            domain=MICROSOFT if operator == "QuickGelu" else "",
                            **(attributes or {}))
    graph = helper.make_graph(
        [node], "one", [helper.make_tensor_value_info("x", element, [None] * axes)],
        [helper.make_tensor_value_info("y", element, [None] * axes)], constants)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET),
                                                   helper.make_opsetid(MICROSOFT, 1)])
    made.ir_version = 10
    return made.SerializeToString()


@functools.lru_cache(maxsize=None)
def session(make, parameters, dtype, threads=0, axes=1):
    """A session for an entry of OPERATORS; None where it cannot say the parameters, or where ONNX
    Runtime does not have it for the type. 0 threads means as many as it likes."""
    operation = make(*parameters)
    if not operation or dtype not in ELEMENT:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(model(dtype, *operation, axes=axes), options,
                                            providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001  (its exceptions have no common ancestor of their own)
        return None
