"""PyTorch's rows. Its dispatcher is called below `torch.nn.functional`, with an output that exists.

SPDX-License-Identifier: Apache-2.0
"""

import torch

DTYPE = {"f32": torch.float32, "f64": torch.float64, "bf16": torch.bfloat16, "f16": torch.float16}
SCALE, ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
A = torch.ops.aten
F = torch.nn.functional


def versions():
    yield "PyTorch", f"{torch.__version__} {torch.backends.cpu.get_cpu_capability()}"


# Own operations with an output: name -> f(x, out, *parameters).
FORWARD = {
    "arctan": lambda x, out: A.atan.out(x, out=out),
    "celu": lambda x, out, a: A.elu.out(x, a, 1, 1 / a, out=out),
    "elu": lambda x, out, a: A.elu.out(x, a, out=out),
    "erf": lambda x, out: A.erf.out(x, out=out),
    "exponential": lambda x, out: A.exp.out(x, out=out),
    "gelu": lambda x, out: A.gelu.out(x, out=out),
    "gelu_tanh": lambda x, out: A.gelu.out(x, approximate="tanh", out=out),
    "hard_shrink": lambda x, out, p: A.hardshrink.out(x, p, out=out),
    "hard_swish": lambda x, out: A.hardswish.out(x, out=out),
    "hard_tanh": lambda x, out, low, high: A.hardtanh.out(x, low, high, out=out),
    "leaky_relu": lambda x, out, p: A.leaky_relu.out(x, p, out=out),
    "mish": lambda x, out: A.mish.out(x, out=out),
    "relu": lambda x, out: A.clamp_min.out(x, 0, out=out),
    "relu6": lambda x, out: A.hardtanh.out(x, 0, 6, out=out),
    "selu": lambda x, out: A.elu.out(x, ALPHA, SCALE, 1, out=out),
    "sigmoid": lambda x, out: A.sigmoid.out(x, out=out),
    "silu": lambda x, out: A.silu.out(x, out=out),
    "sine": lambda x, out: A.sin.out(x, out=out),
    "soft_shrink": lambda x, out, p: A.softshrink.out(x, p, out=out),
    "softplus": lambda x, out, b: A.softplus.out(x, b, out=out),
    "tanh": lambda x, out: A.tanh.out(x, out=out),
    "threshold": lambda x, out, t, v: A.threshold.out(x, t, v, out=out),
}

# name -> f(dy, x, dx, *parameters).
BACKWARD = {
    "celu": lambda dy, x, dx, a: A.elu_backward.grad_input(
        dy, a, 1, 1 / a, False, x, grad_input=dx),
    "elu": lambda dy, x, dx, a: A.elu_backward.grad_input(dy, a, 1, 1, False, x, grad_input=dx),
    "gelu": lambda dy, x, dx: A.gelu_backward.grad_input(dy, x, grad_input=dx),
    "gelu_tanh": lambda dy, x, dx: A.gelu_backward.grad_input(
        dy, x, approximate="tanh", grad_input=dx),
    "hard_shrink": lambda dy, x, dx, p: A.hardshrink_backward.grad_input(dy, x, p, grad_input=dx),
    "hard_swish": lambda dy, x, dx: A.hardswish_backward(dy, x),
    "hard_tanh": lambda dy, x, dx, low, high: A.hardtanh_backward.grad_input(
        dy, x, low, high, grad_input=dx),
    "leaky_relu": lambda dy, x, dx, p: A.leaky_relu_backward.grad_input(
        dy, x, p, False, grad_input=dx),
    "mish": lambda dy, x, dx: A.mish_backward(dy, x),
    "relu": lambda dy, x, dx: A.threshold_backward.grad_input(dy, x, 0, grad_input=dx),
    "relu6": lambda dy, x, dx: A.hardtanh_backward.grad_input(dy, x, 0, 6, grad_input=dx),
    "selu": lambda dy, x, dx: A.elu_backward.grad_input(
        dy, ALPHA, SCALE, 1, False, x, grad_input=dx),
    "silu": lambda dy, x, dx: A.silu_backward.grad_input(dy, x, grad_input=dx),
    "soft_shrink": lambda dy, x, dx, p: A.softshrink_backward.grad_input(dy, x, p, grad_input=dx),
    "softplus": lambda dy, x, dx, b: A.softplus_backward.grad_input(dy, x, b, 20, grad_input=dx),
    "threshold": lambda dy, x, dx, t, v: A.threshold_backward.grad_input(dy, x, t, grad_input=dx),
}

# Of these, those without an output of ours.
RETURNED = ("hard_swish", "mish")

# name -> f(dy, y, dx, *parameters).
FROM_OUTPUT = {
    "elu": lambda dy, y, dx, a: A.elu_backward.grad_input(dy, a, 1, 1, True, y, grad_input=dx),
    "leaky_relu": lambda dy, y, dx, p: A.leaky_relu_backward.grad_input(
        dy, y, p, True, grad_input=dx),
    "relu": lambda dy, y, dx: A.threshold_backward.grad_input(dy, y, 0, grad_input=dx),
    "selu": lambda dy, y, dx: A.elu_backward.grad_input(
        dy, ALPHA, SCALE, 1, True, y, grad_input=dx),
    "sigmoid": lambda dy, y, dx: A.sigmoid_backward.grad_input(dy, y, grad_input=dx),
    "tanh": lambda dy, y, dx: A.tanh_backward.grad_input(dy, y, grad_input=dx),
}

# What users write where PyTorch has no operation with an output: name -> f(x, *parameters).
COMPOSED = {
    "algebraic_sigmoid": lambda x: x * torch.rsqrt(1 + x * x),
    "gaussian": lambda x: torch.exp(-x * x),
    "gelu_10": lambda x: torch.clamp(F.gelu(x), -10, 10),
    "isru": lambda x, a: x * torch.rsqrt(1 + a * x * x),
    "lisht": lambda x: x * torch.tanh(x),
    "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x),
    "relu_squared": lambda x: torch.square(F.relu(x)),
    "serf": lambda x: x * torch.erf(F.softplus(x)),
    "snake": lambda x, a: x + torch.sin(a * x).square() / a,
    "softsign": F.softsign,
    "squareplus": lambda x, b: (x + torch.sqrt(x * x + b)) / 2,
    "swish": lambda x, b: x * torch.sigmoid(b * x),
    "tanh_shrink": F.tanhshrink,
}

# One operation that makes its own output: name -> f(x, *parameters).
FUNCTION = {
    "hard_sigmoid": lambda x, slope, offset: F.hardsigmoid(x),
    "log_sigmoid": lambda x: F.logsigmoid(x),
    "prelu": lambda x, a: F.prelu(x, torch.tensor([a], dtype=x.dtype)),
}


# Own operations whose slopes autograd puts together.
DIFFERENTIABLE = {
    "arctan": torch.atan, "erf": torch.erf, "exponential": torch.exp, "sine": torch.sin,
}


def into(out, call):
    """An operation without an output of ours: the last result lands there before the next turn."""
    def run():
        out.copy_(call())
    return run


def by_autograd(make, x, dy, dx):
    """dx by autograd from a graph that `before` makes anew, since the data in x may have changed."""
    leaf = x.detach().requires_grad_()
    kept = {}

    def before():
        kept["y"] = make(leaf)
        dx.copy_(call())

    def call():
        return torch.autograd.grad(kept["y"], leaf, dy, retain_graph=True)[0]

    return call, before


def rows(task):
    torch.set_num_threads(task.threads)
    dtype, p = DTYPE[task.type], task.parameters
    x, dy, out = (torch.frombuffer(task.memory, dtype=dtype, count=task.elements,
                                   offset=task.offset(which)) for which in range(3))
    name = task.name
    plain = task.find(FUNCTION, 1) or task.find(COMPOSED, 1)
    how = "composed" if name in COMPOSED else "own operation"
    if task.pass_ == "forward":
        if operation := task.find(FORWARD, 2):
            return [("PyTorch", how, lambda: operation(x, out, *p), None)]
        if plain:
            return [("PyTorch", how, lambda: plain(x, *p), into(out, lambda: plain(x, *p)))]
    elif task.pass_ == "backward":
        if operation := task.find(BACKWARD, 3):
            def call():
                return operation(dy, x, out, *p)

            return [("PyTorch", how, call, into(out, call) if name in RETURNED else None)]
        if forward := plain or DIFFERENTIABLE.get(name):
            call, before = by_autograd(lambda leaf: forward(leaf, *p), x, dy, out)
            return [("PyTorch", "autograd" + (", composed" if name in COMPOSED else ""), call,
                     before)]
    elif operation := task.find(FROM_OUTPUT, 3):
        return [("PyTorch", how, lambda: operation(dy, x, out, *p), None)]
    return []
