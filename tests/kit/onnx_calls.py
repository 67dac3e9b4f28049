"""A node of the ONNX standard, answered by gradkeep as the onnx dialect says: which function the operator
is, and which parameters its attributes and further inputs are."""
# SPDX-License-Identifier: Apache-2.0

import agreement
import dialects
import gradkeep_c
import numpy as np
from expectations import wide

DIALECT = dialects.load("onnx")["functions"]
# Operators that are several of gradkeep's functions for different attributes; this one is all of them.
WHOLE = {"Clip": "hard_tanh", "HardSigmoid": "hard_sigmoid", "Swish": "swish"}
# Attributes that are parameters.
PARAMETERS = {"Celu": {"alpha": "alpha"}, "Elu": {"alpha": "alpha"},
              "LeakyRelu": {"alpha": "negative_slope"}, "Shrink": {"lambd": "lambda"},
              "Swish": {"alpha": "beta"}, "ThresholdedRelu": {"alpha": "alpha"}}
ROWS = {"Softmax": "softmax", "LogSoftmax": "log_softmax", "Hardmax": "hardmax"}
OPERATORS = {function["name"].partition("(")[0] for function in DIALECT.values()} | {*ROWS, "SwiGLU"}


def function_of(operator, attributes):
    """The entry of the dialect for an operator."""
    if operator == "Shrink":
        assert attributes.get("bias", 0) in (0, attributes["lambd"])
        return "soft_shrink" if attributes.get("bias") else "hard_shrink"
    if attributes.get("approximate", "none") != "none":
        operator += f"(approximate={attributes['approximate']})"
    names = [name for name, function in DIALECT.items() if function["name"] == operator]
    assert names, f"the dialect has no {operator}"
    return WHOLE[operator] if len(names) > 1 else names[0]


def text_of(operator, attributes, more):
    """gradkeep's text; `more` holds parameters that the node has as inputs."""
    shown = agreement.show(DIALECT[function_of(operator, attributes)]["is"])
    some = agreement.parameters(shown) | more
    for attribute, parameter in PARAMETERS.get(operator, {}).items():
        some[parameter] = attributes.get(attribute, some[parameter])
    if operator == "HardSigmoid":  # slope and value at 0, where gradkeep has the ends of the ramp
        alpha = attributes.get("alpha", 1 / (some["high"] - some["low"]))
        beta = attributes.get("beta", -some["low"] * alpha)
        some = {"low": -beta / alpha, "high": (1 - beta) / alpha}
    return agreement.spelled(shown["function"], some)


def clip(library, case, x):
    """A bound that is left out is the type's own end."""
    ends = np.finfo(x.dtype)
    low, high = (wide(case["arrays"].get(name, np.array(end))).item()
                 for name, end in (("x1", ends.min), ("x2", ends.max)))
    return library.elementwise(text_of("Clip", {}, {"min": low, "max": high}), "value", x)


def prelu(library, case, x):
    slopes, y = np.broadcast_to(case["arrays"]["x1"], x.shape), np.empty_like(x)
    for slope in np.unique(slopes):
        here = slopes == slope
        text = text_of("PRelu", {}, {"a": float(slope)})
        y[here] = library.elementwise(text, "value", np.ascontiguousarray(x[here]))
    return y


def swiglu(library, case, x):
    text = text_of("Swish", case["attributes"], {})
    both = np.concatenate([x, case["arrays"]["x1"]], -1)
    return library.gated(text, gradkeep_c.GATE_FIRST, -1, both)


INPUTS = {"Clip": clip, "PRelu": prelu, "SwiGLU": swiglu}


def answer(library, case):
    operator, attributes, x = case["operator"], case["attributes"], case["arrays"]["x0"]
    if operator in INPUTS:
        return INPUTS[operator](library, case, x)
    if operator in ROWS:
        return library.rows(ROWS[operator], attributes.get("axis", -1), x)
    if operator == "Selu" and attributes:  # gradkeep's has the paper's two numbers for good
        text = agreement.spelled("elu", {"alpha": attributes["alpha"]})
        return library.elementwise(text, "value", x) * x.dtype.type(attributes["gamma"])
    return library.elementwise(text_of(operator, attributes, {}), "value", x)
