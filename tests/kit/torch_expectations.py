"""PyTorch's own tests of its activations, as cases for the tests' own Python:

    python torch_expectations.py FOLDER

Module tests are the inputs of the module database and the reference functions that it names; operator
tests are the sample and reference inputs of the operator database. Values and gradients are PyTorch's.
"""
# SPDX-License-Identifier: Apache-2.0

import inspect
import math
import sys
import warnings

import expectations
import numpy as np
import torch
from torch.testing._comparison import default_tolerances
from torch.testing._internal import common_methods_invocations, common_modules

TYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
UFUNCS = ("tanh", "sigmoid", "erf", "exp", "atan", "sin", "softmax", "log_softmax")
NOT_ONE = "MultiheadAttention"  # it lies with the activations, and is none
# To PyTorch these are no unary functions, so that it tries ordinary numbers only; they get relu's too.
ORDINARY = ("nn.functional.gelu", "nn.functional.leaky_relu", "nn.functional.hardswish")
MOST = 200  # elements of one input that count; larger ones are thinned to as many
WHOLE = 4000  # and as large may an input be whose shape counts; only two or three of prelu's are larger


def array(x):
    x = x.detach().contiguous()
    return (x.view(torch.int16).numpy().view(np.uint16) if x.dtype == torch.bfloat16
            else x.numpy()).copy()


def plain(arguments):
    """Numbers and words among the arguments; tensors travel as arrays."""
    return {name: value for name, value in arguments.items()
            if isinstance(value, (int, float, str)) and not isinstance(value, bool)}


def drawn(y):
    generator = torch.Generator().manual_seed(5)
    return torch.randn(y.shape, generator=generator, dtype=torch.float32).to(y.dtype)


def expected(function, tensors, gradient):
    """Value and gradients as PyTorch calculates them in the tensors' type, and of the same numbers in
    float64: a second opinion where the first is rounded at every step."""
    dy = gradient(function(*tensors))
    found = {"dy": array(dy)}
    for prefix, dtype in (("", dy.dtype), ("wide_", torch.float64)):
        leaves = [x.detach().to(dtype).requires_grad_() for x in tensors]
        y = function(*leaves)
        slopes = torch.autograd.grad(y, leaves, dy.to(dtype))
        found |= {prefix + name: array(x) for name, x in zip(("value", "dx", "dweight"), (y, *slopes))}
    return found


def case(kind, name, dtype, arguments, **arrays):
    rtol, atol = default_tolerances(dtype)
    return {"kind": kind, "name": name, "dtype": str(dtype).removeprefix("torch."), "rtol": rtol,
            "atol": atol, "version": torch.__version__, "arguments": arguments, "arrays": arrays}


def channels(x, weight):
    """For each element of x the number of its weight: dimension 1 counts them."""
    shape = [-1 if axis == min(1, x.dim() - 1) else 1 for axis in range(x.dim())]
    return array(torch.arange(weight.numel()).reshape(shape if x.dim() else ()).expand(x.shape))


def with_weight(x, weight):
    return {"weight": array(weight), "channel": channels(x, weight)}


def module_cases():
    for info in common_modules.module_db:
        kind = info.module_cls
        if kind.__module__ != torch.nn.ReLU.__module__ or kind.__name__ == NOT_ONE:
            continue
        for dtype in TYPES:
            torch.manual_seed(3)
            for test in info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=True,
                                                training=False):
                yield module_case(kind, dtype, test, dtype in info.dtypes)


def module_case(kind, dtype, test, has_reference):
    made = test.constructor_input
    module = kind(*made.args, **made.kwargs).to(dtype).eval()
    bound = inspect.signature(kind).bind(*made.args, **made.kwargs)
    [x] = test.forward_input.args
    weights = dict(module.named_parameters())

    def called(x, *others):
        return torch.func.functional_call(module, dict(zip(weights, others)), (x,))

    arrays = {"x": array(x), **expected(called, [x, *weights.values()], drawn)}
    if test.reference_fn and has_reference:
        arrays["reference"] = array(test.reference_fn(module, x))
    for weight in weights.values():
        arrays |= with_weight(x, weight)
    return case("module", kind.__name__, dtype, plain(bound.arguments), **arrays)


def operators():
    for op in common_methods_invocations.op_db:
        short = op.name.removeprefix("nn.functional.")
        modules = {name.lower() for name in torch.nn.modules.activation.__all__}
        known = op.name in UFUNCS or (short != op.name and short.replace("_", "") in modules)
        if known and not op.variant_test_name:
            yield op, getattr(torch.nn.functional, short, None)


def operator_cases():
    for op, function in operators():
        for dtype in TYPES:
            if dtype not in op.dtypes:
                continue
            torch.manual_seed(3)
            for sample in inputs(op, dtype):
                if not sample.kwargs.get("training"):  # when rrelu's slopes are drawn
                    yield from operator_case(op, function, dtype, sample)


def inputs(op, dtype):
    """Reference inputs begin with the samples; those of unary functions go on to small, large and
    extremal numbers."""
    samples = list(op.reference_inputs("cpu", dtype, requires_grad=True))
    yield from samples
    if op.name in ORDINARY:
        [relu] = [op for op in common_methods_invocations.op_db if op.name == "nn.functional.relu"]
        for kwargs in {repr(sample.kwargs): sample.kwargs for sample in samples}.values():
            for sample in relu.reference_inputs("cpu", dtype, requires_grad=True):
                yield common_methods_invocations.SampleInput(sample.input, kwargs=kwargs)


def names(function, sample):
    """The arguments after the input by name."""
    if not sample.args:
        return sample.kwargs
    if isinstance(sample.args[0], torch.Tensor):
        return {"weight": sample.args[0], **sample.kwargs}
    bound = inspect.signature(function).bind(sample.input, *sample.args, **sample.kwargs)
    return {name: value for name, value in bound.arguments.items() if name != "input"}


def operator_case(op, function, dtype, sample):
    arguments = names(function, sample)
    x, weight = sample.input.detach(), arguments.get("weight")
    if "dim" not in arguments and op.name != "nn.functional.glu" and weight is None:
        x = x.reshape(-1)[:: math.ceil(x.numel() / MOST) or 1]
    elif x.numel() > WHOLE:
        return
    arrays = {"x": array(x)}
    if weight is not None:
        arrays |= expected(op, [x, weight.detach()], torch.ones_like) | with_weight(x, weight)
    else:
        def called(x):
            return op(x, *sample.args, **sample.kwargs)

        arrays |= expected(called, [x], drawn if "dim" in arguments else torch.ones_like)
        if op.ref and dtype == torch.float64:  # as PyTorch's own test does
            reference = op.ref(x.numpy(), *sample.args, **sample.kwargs)
            arrays["reference"] = np.asarray(reference)
    yield case("operator", op.name, dtype, plain(arguments), **arrays)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    expectations.save(sys.argv[1], [*module_cases(), *operator_cases()])
