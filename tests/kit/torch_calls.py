"""A call of one of PyTorch's activations, answered by gradkeep as the torch dialect says: which function
it is, with which parameters, and where a convention takes its place."""
# SPDX-License-Identifier: Apache-2.0

import agreement
import dialects
import gradkeep_c
import numpy as np
from expectations import wide

DIALECT = dialects.load("torch")
# PyTorch's arguments that are parameters of another name; the others have gradkeep's names.
PARAMETERS = {"min_val": "min", "max_val": "max", "lambd": "lambda"}
ROWS = {"softmax": "softmax", "softmax2d": "softmax", "logsoftmax": "log_softmax",
        "softmin": "softmin"}


def key(name):
    """`torch.nn.LeakyReLU`, `nn.functional.leaky_relu` and `LeakyReLU` are one."""
    name, paren, rest = name.partition("(")
    return name.rpartition(".")[2].replace("_", "").lower() + paren + rest


FUNCTIONS = {key(function["name"]): name for name, function in DIALECT["functions"].items()}


class Call:
    """What gradkeep answers to one case: value, dx and, if there is a weight, dweight."""

    def __init__(self, library, case):
        self.library, self.arrays = library, case["arrays"]
        self.here = {"used": case["version"]}
        self.arguments = dict(case["arguments"])
        self.called = key(case["name"])
        self.text = None  # of gradkeep's function, where it is one of single numbers
        if self.arguments.pop("approximate", "none") == "tanh":
            self.called += '(approximate="tanh")'

    def answers(self):
        if self.called in ROWS:
            return self.of_rows()
        if self.called == "glu":
            return self.gated()
        if "weight" in self.arrays:
            return self.by_channel()
        return self.elementwise()

    def of_rows(self):
        x, dy = (np.atleast_1d(self.arrays[name]) for name in ("x", "dy"))
        axis = -3 if self.called == "softmax2d" else self.arguments["dim"]
        y = self.library.rows(ROWS[self.called], axis, x)
        return {"value": y, "dx": self.library.rows_backward(ROWS[self.called], axis, y, dy)}

    def gated(self):
        how = ("sigmoid", gradkeep_c.GATE_SECOND, self.arguments.get("dim", -1))
        x, dy = self.arrays["x"], self.arrays["dy"]
        return {"value": self.library.gated(*how, x),
                "dx": self.library.gated_backward(*how, x, dy)}

    def by_channel(self):
        x, dy, weights = self.arrays["x"], self.arrays["dy"], self.arrays["weight"]
        value, dx, dweight = np.empty_like(x), np.empty_like(x), np.zeros(weights.size)
        for k, weight in enumerate(wide(weights).ravel().tolist()):
            here = self.arrays["channel"] == k
            part = np.ascontiguousarray(x[here])
            text = agreement.spelled(FUNCTIONS[self.called], {"a": weight})
            value[here] = self.library.elementwise(text, "value", part)
            dx[here] = self.library.backward(text, part, np.ascontiguousarray(dy[here]))
            slopes = self.library.parameter_slope(text, 0, part)
            dweight[k] = np.sum(wide(slopes) * wide(dy[here]))
        return {"value": value, "dx": self.leave_open(dx), "dweight": dweight.reshape(weights.shape)}

    def leave_open(self, dx):
        """What PyTorch says of the slopes of NaN, since the dialect says any are right."""
        if DIALECT["slope_of_nan"] != "any":
            return wide(dx)
        return np.where(np.isnan(wide(self.arrays["x"])), wide(self.arrays["dx"]), wide(dx))

    def meant(self, text):
        """The dialect's text as a name and parameters, with the call's arguments in their place."""
        shown = agreement.show(text)
        some = agreement.parameters(shown)
        for name, value in self.arguments.items():
            name = PARAMETERS.get(name, name)
            assert name in some, f"{self.called} has no parameter {name}"
            some[name] = float(value)
        return shown["function"], some

    def pieces(self, function):
        """The dialect's pieces; softplus's threshold is an argument, in units of 1 / beta."""
        found = [piece for piece in function.get("pieces", []) if dialects.holds_for(piece, **self.here)]
        if self.called != "softplus":
            return found
        beta = self.arguments.get("beta", 1)
        [piece] = found
        return [{**piece, "above": self.arguments.pop("threshold", piece["above"]) / beta}]

    def elementwise(self):
        function = DIALECT["functions"][FUNCTIONS[self.called]]
        pieces = self.pieces(function)
        name, some = self.meant(function["is"])
        text = self.text = agreement.spelled(name, some)
        x, dy = self.arrays["x"], self.arrays["dy"]
        value = self.library.elementwise(text, "value", x)
        dx = self.library.backward(text, x, dy)
        for piece in pieces:
            there = wide(x) > piece["above"]
            value = np.where(there, self.library.elementwise(piece["is"], "value", x), value)
            dx = np.where(there, self.library.backward(piece["is"], x, dy), dx)
        value, dx = wide(value), self.leave_open(dx)
        for point in function.get("at", []):
            at = dialects.number(point["x"], some)
            there = np.isnan(wide(x)) if at != at else wide(x) == at
            if not dialects.holds_for(point, **self.here):
                continue
            if "value" in point:
                value = np.where(there, dialects.number(point["value"], some), value)
            if "slope" in point:
                dx = np.where(there, dialects.number(point["slope"], some) * wide(dy), dx)
        return {"value": value, "dx": dx}
