"""The conversation of a framework with `gradkeep check`: what the programs beside this file share.

A question is a line `WHAT FUNCTION` and an array in NumPy's format, of two axes for functions of rows;
the answer is an array of the same type and, but for gates and gradients, the same shape, or a line
`unsupported REASON` or `error TEXT`. A framework fills in a `Framework`: its own operations by gradkeep's
names, and how it differentiates a function of one tensor. Everything else, from reading the question to
turning an exception into a line, happens here.
"""
# SPDX-License-Identifier: Apache-2.0

import dataclasses
import functools
import os
import platform
import re
import sys
import typing

import numpy as np

try:
    import ml_dtypes
except ImportError:
    ml_dtypes = None

ORDER = {"value": 0, "slope": 1, "curvature": 2}
FUNCTION = re.compile(r"(\w+)(?:\((.*)\))?")
BFLOAT16 = "<V2"  # as ml_dtypes writes it; NumPy itself knows only that it has two bytes
TYPES = ("<f4", "<f8", "<f2", BFLOAT16)


class Unsupported(Exception):
    """The framework does not have what was asked."""


@dataclasses.dataclass
class Framework:
    title: str
    # name -> f(x, *parameters), tensor in and tensor out: the framework's own operation. Without
    # parameters it is called as it is by default; the kit asks with all of them, the tests without too.
    operations: dict
    # (f, array, order) -> array: the derivative of that order of f, a function of one tensor.
    calculate: typing.Callable
    tensor: typing.Callable  # an array as the framework's tensor
    # name -> f(dy, y, *parameters): a backward pass that takes the output.
    from_output: dict = dataclasses.field(default_factory=dict)
    # Functions whose operation takes tensors as parameters, and so has slopes in them.
    learned: frozenset = frozenset()
    # Functions of rows, name -> f(x, axis), x with two axes; and gated ones, name -> (gate, f(x, axis)),
    # where gate says which half goes through the activation, "first" or "second".
    rows: dict = dataclasses.field(default_factory=dict)
    gated: dict = dataclasses.field(default_factory=dict)
    # (f, x, dy) -> dx, arrays all: the backward pass of f, a function of one tensor.
    pull_back: typing.Callable = None
    # Tells whether an exception says that an operation is not there for a type or an order.
    lacks: typing.Callable = lambda error: False


def described(title, *more):
    """`PyTorch 2.13.0 on x86_64 AVX512`."""
    return " ".join((title, "on", platform.machine(), *more))


def fixed(operation, *expected):
    """An operation without arguments as the function with these parameters, and with no others."""
    def call(x, *parameters):
        if parameters not in ((), expected):
            raise Unsupported(f"the operation takes no parameters: it has {list(expected)}")
        return operation(x)
    return call


@functools.lru_cache(maxsize=256)
def parse(text):
    """`elu(alpha=0.5)` as ("elu", (0.5,))."""
    found = FUNCTION.fullmatch(text)
    if not found:
        raise ValueError(f"no function '{text}'; expected name or name(parameter=number,...)")
    pairs = found[2].split(",") if found[2] else []
    return found[1], tuple(float(pair.partition("=")[2]) for pair in pairs)


def find(table, name):
    if name not in table:
        raise Unsupported(f"no {name}")
    return table[name]


@functools.lru_cache(maxsize=256)
def applied(operation, parameters):
    """The operation as a function of one tensor, the same object for the same question: a framework
    that compiles functions need not do it again."""
    return lambda x: operation(x, *parameters)


def of_rows(framework, text):
    """name, operation, the arguments as text, and of how many parts its input is made along the axis."""
    name, words = FUNCTION.fullmatch(text).groups()
    arguments = dict(word.split("=") for word in words.split(",")) if words else {}
    if name in framework.rows:
        return name, framework.rows[name], arguments, 1
    gate, operation = find(framework.gated, name)
    if arguments.get("gate", gate) != gate:
        raise Unsupported(f"{name} takes its gate from the {gate} half")
    return name, operation, arguments, 2


def answer_rows(framework, what, text, x):
    """About a function of rows, "softmax(axis=1)", or a gated one, "glu(gate=second,axis=1)". The kit names the
    axis; the tests ask without it too, for what the framework does by default."""
    _, operation, arguments, parts = of_rows(framework, text)
    if "axis" not in arguments:
        return framework.calculate(operation, x, 0)
    axis = int(arguments["axis"])
    f = applied(operation, (axis,))
    if what == "value":
        return framework.calculate(f, x, 0)
    if what != "backward":
        raise ValueError(f"no question '{what}' about rows")
    if framework.pull_back is None:
        raise Unsupported("it has no backward pass")
    cut = x.shape[axis] // (parts + 1) * parts
    x, dy = (np.ascontiguousarray(part) for part in np.split(x, [cut], axis))
    return framework.pull_back(f, x, dy)


def answer_shape(framework, what, text, shape):
    """What the answer is to look like."""
    if len(shape) != 2:
        return shape
    *_, arguments, halves = of_rows(framework, text)
    axis = int(arguments.get("axis", -1)) % 2
    backward = what == "backward"
    return tuple(n // (halves + backward) * (halves if backward else 1) if k == axis else n
                 for k, n in enumerate(shape))


def answer(framework, what, text, x):
    if x.ndim == 2:
        return answer_rows(framework, what, text, x)
    name, parameters = parse(text)
    if what in ORDER:
        f = applied(find(framework.operations, name), parameters)
        return framework.calculate(f, x, ORDER[what])
    if what == "slope_from_output":
        backward = find(framework.from_output, name)
        one = framework.tensor(np.ones_like(x))
        return framework.calculate(lambda y: backward(one, y, *parameters), x, 0)
    if what == "curvature_from_output":
        raise Unsupported("no second derivative takes the output")
    if found := re.fullmatch(r"parameter_slope_(\d)", what):
        k, operation = int(found[1]), find(framework.operations, name)
        if name not in framework.learned or k >= len(parameters):
            raise Unsupported(f"no slope of {name} in its parameter {k}")
        before, value, after = parameters[:k], parameters[k], parameters[k + 1:]
        fixed_x = framework.tensor(x)
        return framework.calculate(lambda p: operation(fixed_x, *before, p, *after),
                                   np.full_like(x, value), 1)
    raise ValueError(f"no question '{what}'")


def read_array(stream):
    """NumPy's own reader wants a file that it can seek in, and this is a pipe."""
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):
        raise ValueError(f"the array has format {version}; expected (1, 0)")
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    data = stream.read(int(np.prod(shape)) * dtype.itemsize)
    x = np.frombuffer(data, dtype).reshape(shape).copy()
    return x.view(ml_dtypes.bfloat16) if dtype.kind == "V" and ml_dtypes else x


def write_array(stream, x):
    descr = BFLOAT16 if x.dtype.kind == "V" else x.dtype.newbyteorder("<").str
    np.lib.format.write_array_header_1_0(
        stream, {"descr": descr, "fortran_order": False, "shape": x.shape})
    stream.write(np.ascontiguousarray(x).tobytes())


def one_line(error):
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:300]


def respond(framework, line, x, out):
    """Writes the answer to one question."""
    try:
        what, _, text = line.partition(" ")
        if what == "describe":
            out.write(f"{framework.title}\n".encode())
            return
        if x.dtype.kind == "V" and not ml_dtypes:
            raise Unsupported("bfloat16 arrays need the package ml_dtypes")
        y = np.asarray(answer(framework, what, text, x))
        if y.shape != answer_shape(framework, what, text, x.shape) or y.dtype != x.dtype:
            raise ValueError(f"{y.dtype} {y.shape} came back for {x.dtype} {x.shape}")
        write_array(out, y)
    except Unsupported as reason:
        out.write(f"unsupported {reason}\n".encode())
    except Exception as error:  # noqa: BLE001  (whatever a framework throws is its answer)
        word = "unsupported" if framework.lacks(error) else "error"
        out.write(f"{word} {one_line(error)}\n".encode())


def serve(framework):
    """Answers until the input ends. What a library prints goes to standard error, not into the
    conversation."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    np.seterr(all="ignore")
    for line in iter(sys.stdin.buffer.readline, b""):
        respond(framework, line.decode().strip(), read_array(sys.stdin.buffer), out)
        out.flush()
