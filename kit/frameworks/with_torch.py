"""PyTorch as a target: `gradkeep check 'python kit/frameworks/with_torch.py'`.

Slopes come from autograd with dy = 1, curvatures from autograd of that.
"""
# SPDX-License-Identifier: Apache-2.0

import answer
import numpy as np
import torch

A = torch.ops.aten
F = torch.nn.functional


def prelu(x, a=torch.nn.PReLU().weight.item()):
    """With one weight; asked for slopes in a, with one for each element, as channels have them."""
    if isinstance(a, torch.Tensor):
        return F.prelu(x.reshape(1, -1), a).reshape(-1)
    return F.prelu(x, torch.tensor([a], dtype=x.dtype))


OPERATIONS = {
    "arctan": torch.atan,
    "celu": F.celu,
    "elu": F.elu,
    "erf": torch.erf,
    "exponential": torch.exp,
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "hard_shrink": F.hardshrink,
    "hard_sigmoid": answer.fixed(F.hardsigmoid, -3, 3),
    "hard_swish": F.hardswish,
    "hard_tanh": F.hardtanh,
    "identity": torch.nn.Identity(),
    "leaky_relu": F.leaky_relu,
    "log_sigmoid": F.logsigmoid,
    "mish": F.mish,
    "prelu": prelu,
    "relu": F.relu,
    "relu6": F.relu6,
    "rrelu": F.rrelu,
    "selu": F.selu,
    "sigmoid": torch.sigmoid,
    "silu": F.silu,
    "sine": torch.sin,
    "soft_shrink": F.softshrink,
    "softplus": F.softplus,
    "softsign": F.softsign,
    "tanh": torch.tanh,
    "tanh_shrink": F.tanhshrink,
    "threshold": F.threshold,
}

ROWS = {
    "log_softmax": F.log_softmax,
    "softmax": F.softmax,
    "softmin": F.softmin,
}
GATED = {"glu": ("second", F.glu)}

FROM_OUTPUT = {
    "elu": lambda dy, y, a: A.elu_backward(dy, a, 1, 1, True, y),
    "leaky_relu": lambda dy, y, a: A.leaky_relu_backward(dy, y, a, True),
    "relu": lambda dy, y: A.threshold_backward(dy, y, 0),
    "sigmoid": A.sigmoid_backward,
    "tanh": A.tanh_backward,
}


def tensor(x):
    if x.dtype.name == "bfloat16":
        return torch.from_numpy(x.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(x)


def array(x, dtype):
    x = x.detach().contiguous()
    return (x.view(torch.int16) if dtype.name == "bfloat16" else x).numpy().view(dtype)


def calculate(f, x, order):
    leaf = tensor(x)
    if order:
        leaf = leaf.requires_grad_()
    y = f(leaf)
    for step in range(order):
        if not y.requires_grad:  # a slope that is a constant
            y = torch.zeros_like(leaf)
            break
        [y] = torch.autograd.grad(y, leaf, torch.ones_like(y), create_graph=step + 1 < order,
                                  materialize_grads=True)
    return array(y, x.dtype)


def pull_back(f, x, dy):
    leaf = tensor(x).requires_grad_()
    [dx] = torch.autograd.grad(f(leaf), leaf, tensor(dy))
    return array(dx, x.dtype)


def lacks(error):
    return "not implemented" in str(error)


def framework():
    version = torch.__version__.partition("+")[0]
    return answer.Framework(
        title=answer.described(f"PyTorch {version}", torch.backends.cpu.get_cpu_capability()),
        operations=OPERATIONS, calculate=calculate, tensor=tensor, from_output=FROM_OUTPUT,
        learned=frozenset({"prelu"}), rows=ROWS, gated=GATED, pull_back=pull_back, lacks=lacks)


if __name__ == "__main__":
    answer.serve(framework())
