"""value, slope, curvature and backward over arrays of every kind that Python has."""
# SPDX-License-Identifier: Apache-2.0
import ctypes
import os
import pickle
import subprocess
import sys
import threading

import ml_dtypes
import numpy as np
import pytest

TYPES = {"float32": np.float32, "float64": np.float64, "float16": np.float16,
         "bfloat16": ml_dtypes.bfloat16}


def numbers(dtype, *shape, seed=3):
    return (3 * np.random.default_rng(seed).standard_normal(shape)).astype(dtype)


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


class Tensor:
    """An array that knows DLPack and nothing else."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("order", ["value", "slope", "curvature"])
def test_every_function_in_every_type(gradkeep, dtype, order):
    """Against the exact tier in float64, rounded: what the tests of core hold to the last bit."""
    unit = float(ml_dtypes.finfo(TYPES[dtype]).eps)
    for name in gradkeep.names():
        x = numbers(TYPES[dtype], 300)
        y = getattr(gradkeep, order)(name, x)
        assert y.dtype == x.dtype and y.shape == x.shape
        truth = getattr(gradkeep, order)(name, x.astype(np.float64), tier="exact")
        defined = np.isfinite(truth)
        assert (np.isnan(y.astype(float)) == np.isnan(truth)).all(), name
        error = np.abs(y.astype(float) - truth)[defined]
        assert (error <= 4 * unit * np.maximum(np.abs(truth[defined]), 1)).all(), name


def test_exact_is_the_nearest_number(gradkeep):
    x = numbers(np.float32, 5000)
    nearest = gradkeep.value("gelu", x.astype(float), tier="exact").astype(np.float32)
    assert same(gradkeep.value("gelu", x, tier="exact"), nearest)
    assert (gradkeep.value("gelu", x) != nearest).any()


@pytest.mark.parametrize("dtype", TYPES)
def test_any_strides_any_shape(gradkeep, dtype):
    x = numbers(TYPES[dtype], 6, 5, 8)
    whole = gradkeep.value("silu", x)
    for view in (np.s_[::-1], np.s_[:, ::2, 1:7:3], np.s_[2], np.s_[..., 0], np.s_[:0]):
        assert same(gradkeep.value("silu", x[view]), np.ascontiguousarray(whole[view]))
    assert same(gradkeep.value("silu", x.T), whole.T)
    assert gradkeep.value("silu", np.asfortranarray(x)).flags.f_contiguous
    repeated = np.broadcast_to(x[0, 0], (4, 8))
    assert same(gradkeep.value("silu", repeated), np.broadcast_to(whole[0, 0], (4, 8)).copy())
    out = np.zeros((6, 5, 16), x.dtype)
    assert gradkeep.value("silu", x, out=out[..., ::2]).base is out
    assert same(out[..., ::2].copy(), whole) and not out[..., 1::2].any()
    gradkeep.value("silu", x, out=x)
    assert same(x, whole)


def test_numbers_and_lists_count_as_float64(gradkeep):
    y = gradkeep.value("elu", -1, alpha=0.5)
    assert type(y) is float and y == pytest.approx(0.5 * np.expm1(-1))
    assert same(gradkeep.value("relu", [[-1, 2.5]]), np.array([[0, 2.5]]))
    assert type(gradkeep.value("relu", np.float32(2))) is np.float32
    assert gradkeep.value("relu", True) == 1.0 and same(gradkeep.value("relu", []), np.empty(0))
    out = np.empty(())
    assert gradkeep.value("relu", 0.5, out=out) is out and out == 0.5
    assert gradkeep.value("relu", ml_dtypes.bfloat16(2)) == 2


def test_whatever_shows_its_memory(gradkeep):
    assert same(gradkeep.value("relu", (ctypes.c_float * 3)(-1, 2, 3)), np.float32([0, 2, 3]))
    rows = ((ctypes.c_double * 3) * 2)((1, -2, 3), (-4, 5, -6))
    assert same(gradkeep.value("relu", rows), np.array([[1, 0, 3], [0, 5, 0.0]]))
    assert same(gradkeep.value("relu", memoryview(np.float32([-1, 1]))), np.float32([0, 1]))

    class Series:
        """Knows its array, as those of pandas do."""
        dtype = np.dtype(np.float64)

        def __array__(self, dtype=None, copy=None):
            return np.array([-1.0, 1.0])

    assert same(gradkeep.value("relu", Series()), np.array([0, 1.0]))


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_dlpack(gradkeep, dtype):
    x = numbers(TYPES[dtype], 4, 6)
    want = gradkeep.value("tanh", x[:, ::2].copy())
    assert same(gradkeep.value("tanh", Tensor(x[:, ::2])), want)
    out = np.zeros((4, 6), x.dtype)
    gradkeep.value("tanh", x[:, ::2], out=Tensor(out[:, ::2]))
    assert same(out[:, ::2].copy(), want) and not out[:, 1::2].any()


def test_tensors_of_frameworks(frameworks, wheel, execute):
    """Where PyTorch and JAX are installed: their tensors give the bits that NumPy's arrays give."""
    told = execute(frameworks, "-c", f"""
import sys
sys.path.insert(0, {str(wheel.parent / "installed")!r})
import gradkeep, numpy as np, torch, jax, jax.numpy as jnp
jax.config.update("jax_enable_x64", True)
for dtype in {list(TYPES)}:
    x = torch.linspace(-3, 3, 12, dtype=getattr(torch, dtype)).reshape(3, 4).T
    y = gradkeep.value("gelu", x)
    out = torch.empty_like(x)
    gradkeep.value("gelu", x, out=out)
    assert y.shape == (4, 3) and y.dtype.name == dtype
    assert (out.double().numpy() == y.astype(float)).all()
    z = gradkeep.value("gelu", jnp.asarray(x.double().numpy()).astype(dtype))
    assert z.dtype == y.dtype and (z.astype(float) == y.astype(float)).all()
    try:
        gradkeep.value("gelu", x.requires_grad_())
    except TypeError as error:
        print(error)
""")
    assert told == 4 * ("x requires a gradient, which NumPy's interface cannot give; "
                        "expected its detach()\n")


def test_the_first_calls_may_come_from_many_threads(gradkeep, wheel, execute):
    execute(sys.executable, "-c", f"""
import sys, threading
sys.path.insert(0, {str(wheel.parent / "installed")!r})
sys.setswitchinterval(1e-5)
import gradkeep
threads = [threading.Thread(target=gradkeep.value, args=("relu", 1.0)) for _ in range(8)]
for t in threads: t.start()
for t in threads: t.join()
""", timeout=60)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_goes_on(gradkeep, wheel, execute):
    told = execute(sys.executable, "-c", f"""
import os, sys
sys.path.insert(0, {str(wheel.parent / "installed")!r})
import gradkeep, numpy as np
gradkeep.set_threads(2)
x = np.ones(1 << 17)
gradkeep.value("gelu", x)
child = os.fork()
if child == 0:
    gradkeep.value("gelu", x)
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
""", timeout=60)
    assert told == "7\n"


def test_read_only_input(gradkeep):
    x = numbers(np.float32, 9)
    want = gradkeep.value("relu", x)
    x.flags.writeable = False
    assert same(gradkeep.value("relu", x), want)


def test_backward(gradkeep):
    x, dy = numbers(np.float64, 7, 9), numbers(np.float64, 7, 9, seed=4)
    assert np.allclose(gradkeep.backward("gelu", dy, x), dy * gradkeep.slope("gelu", x), rtol=1e-15)
    y = gradkeep.value("sigmoid", x)
    assert np.allclose(gradkeep.backward("sigmoid", dy, y=y), dy * y * (1 - y), rtol=1e-13)
    strided = gradkeep.backward("tanh", dy[:, ::-2], y=np.tanh(x)[:, ::-2])
    assert np.allclose(strided, (dy * (1 - np.tanh(x) ** 2))[:, ::-2], rtol=1e-12)
    value, slope = gradkeep.value_and_slope("mish", x)
    assert np.allclose(value, gradkeep.value("mish", x), rtol=1e-15)
    assert np.allclose(slope, gradkeep.slope("mish", x), rtol=1e-15)
    assert same(gradkeep.parameter_slope("prelu", "a", x), np.where(x > 0, 0.0, x) + 0.0)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_functions_of_rows(gradkeep, axis):
    x, dy = numbers(np.float64, 4, 6), numbers(np.float64, 4, 6, seed=4)
    e = np.exp(x - x.max(axis, keepdims=True))
    y = gradkeep.softmax(x, axis)
    assert np.allclose(y, e / e.sum(axis, keepdims=True), rtol=1e-14)
    want = y * (dy - (dy * y).sum(axis, keepdims=True))
    assert np.allclose(gradkeep.backward("softmax", dy, y=y, axis=axis), want, rtol=1e-12)
    assert np.allclose(gradkeep.backward("softmax", dy, x, axis=axis), want, rtol=1e-12)
    for name in gradkeep.row_names():
        assert getattr(gradkeep, name)(x, axis=axis).shape == x.shape


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_gated_functions(gradkeep, axis):
    x = numbers(np.float64, 4, 6)
    first, second = np.split(x, 2, axis)
    y = gradkeep.glu(x, axis)
    assert np.allclose(y, first * gradkeep.value("sigmoid", second), rtol=1e-14)
    other = gradkeep.glu(x, axis, gate="first")
    assert np.allclose(other, second * gradkeep.value("sigmoid", first), rtol=1e-14)
    assert np.allclose(gradkeep.reglu(x, axis), np.maximum(first, 0) * second)
    dx = gradkeep.backward("glu", np.ones_like(y), x, axis=axis)
    of_value, of_gate = np.split(dx, 2, axis)
    assert np.allclose(of_value, gradkeep.value("sigmoid", second), rtol=1e-14)
    assert np.allclose(of_gate, first * gradkeep.slope("sigmoid", second), rtol=1e-13)


BAD = [
    (lambda g, x: g.value("gell", x), "unknown activation function 'gell'; did you mean 'gelu'?"),
    (lambda g, x: g.value(3, x), "function is of type int; expected a name or an Activation"),
    (lambda g, x: g.value("gelu", x.astype(int)),
     "x holds int64; expected float32, float64, float16 or bfloat16"),
    (lambda g, x: g.value("gelu", x.astype(">f4")),
     "x holds >f4; expected float32, float64, float16 or bfloat16"),
    (lambda g, x: g.value("gelu", "text"),
     "x is of type str; expected float32, float64, float16 or bfloat16"),
    (lambda g, x: g.value("gelu", x, tier="best"), "tier is 'best'; expected 'fast' or 'exact'"),
    (lambda g, x: g.value("elu", x, beta=1), "elu has no parameter 'beta'; expected alpha"),
    (lambda g, x: g.value("elu", x, alpha="1"), "alpha is of type str; expected a number"),
    (lambda g, x: g.value("elu(alpha=2)", x, alpha=1),
     "function is 'elu(alpha=2)' and parameters are given beside it; expected either"),
    (lambda g, x: g.value("gelu", x, out=np.empty(3, x.dtype)),
     "the output has the shape (3), x has (8); expected equal shapes"),
    (lambda g, x: g.value("gelu", x, out=np.empty(8)),
     "out holds float64; expected float32, as x does"),
    (lambda g, x: g.value("gelu", x, out=np.broadcast_to(np.float32(0), 8)), "out is read-only"),
    (lambda g, x: g.value("gelu", x, out=[0.0] * 8), "out is of type list; expected float32"),
    (lambda g, x: g.value("gelu", x.astype(ml_dtypes.bfloat16).byteswap().view(
        np.dtype(ml_dtypes.bfloat16).newbyteorder())), "x holds"),
    (lambda g, x: g.value("gelu", x.astype(ml_dtypes.float8_e4m3fn)), "x holds float8_e4m3fn"),
    (lambda g, x: g.value("gelu", x.astype(np.longdouble)), "x holds float128"),
    (lambda g, x: g.value("gelu", x.astype(complex)), "x holds complex128"),
    (lambda g, x: g.value("gelu", x > 0), "x holds bool"),
    (lambda g, x: g.value("gelu", [[1], [2, 3]]), "x: "),
    (lambda g, x: g.value("gelu", ["1.5"]), "x holds <U3"),
    (lambda g, x: g.value("gelu", [1j]), "x holds complex128"),
    (lambda g, x: g.value("gelu", np.ma.masked_array(x, x > 0)), "x is masked"),
    (lambda g, x: g.value(g.Activation("elu"), x, alpha=1), "expected either"),
    (lambda g, x: g.value("elu", x, alpha=1j), "alpha is of type complex; expected a number"),
    (lambda g, x: g.value("softmax", x), "softmax works along an axis; expected gradkeep.softmax"),
    (lambda g, x: g.glu(x, axis=5), "axis 5"),
    (lambda g, x: g.glu(x, out=x[:4]), "shares memory"),
    (lambda g, x: g.glu(x, out=np.empty(5, x.dtype)), "5"),
    (lambda g, x: g.value("gelu", x[:-1], out=x[1:]), "shares memory"),
    (lambda g, x: g.backward("gelu", x), "backward needs x or y, and got neither"),
    (lambda g, x: g.backward("gelu", x, y=x), "gelu"),
    (lambda g, x: g.backward("gelu", x, x, axis=0), "axis is for functions of rows and gated ones"),
    (lambda g, x: g.backward("gelu", x, x, gate="first"), "gate is for glu and its kin"),
    (lambda g, x: g.backward("softmax", x, y=x, alpha=1), "softmax has no parameters"),
    (lambda g, x: g.backward("gelu", x, x.astype(float)),
     "dy holds float32; expected float64, as x does"),
    (lambda g, x: g.softmax(x, axis=1), "axis 1"),
    (lambda g, x: g.glu(x[:7]), "7"),
    (lambda g, x: g.glu(x, gate="third"), "gate is 'third'; expected 'first' or 'second'"),
    (lambda g, x: g.parameter_slope("elu", "beta", x), "parameter is 'beta'; elu has alpha"),
    (lambda g, x: g.info("nothing like it"), "unknown activation function"),
    (lambda g, x: g.value("gelu", np.zeros((1,) * 9)), "x has 9 axes; expected at most 8"),
]


@pytest.mark.parametrize("case", range(len(BAD)))
def test_bad_input_is_one_line_that_names_it(gradkeep, case):
    call, message = BAD[case]
    x = numbers(np.float32, 8)
    before = x.copy()
    with pytest.raises((gradkeep.Error, TypeError)) as raised:
        call(gradkeep, x)
    assert message in str(raised.value) and "\n" not in str(raised.value)
    assert same(x, before)
    assert issubclass(gradkeep.Error, ValueError)


def test_the_lock_is_released(gradkeep):
    """Other threads run while a large array is worked on, though nobody takes the lock away by time."""
    order, started = [], threading.Event()
    x = np.ones(1 << 16)

    def work():
        started.set()
        for _ in range(5):
            gradkeep.value("gelu", x, tier="exact")
        order.append("done")

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        worker = threading.Thread(target=work)
        worker.start()
        started.wait()
        order.append("meanwhile")
        worker.join()
    finally:
        sys.setswitchinterval(interval)
    assert order == ["meanwhile", "done"]


def test_activation(gradkeep):
    f = gradkeep.Activation("ELU(0.5)")
    assert str(f) == "elu(alpha=0.5)" and repr(f) == "Activation('elu(alpha=0.5)')"
    assert f == gradkeep.Activation("elu", alpha=0.5) and f != gradkeep.Activation("elu")
    assert f.parameters == {"alpha": 0.5} and f.name == "elu" and f.range == (-0.5, np.inf)
    assert pickle.loads(pickle.dumps(f)) == f and hash(f) == hash(gradkeep.Activation("elu(0.5)"))
    assert f.info.title == gradkeep.info("elu").title and f.info.parameters[0].learned is False
    assert gradkeep.Activation("hard_shrink", lambda_=2).parameters == {"lambda": 2}
    assert gradkeep.value(f, -1.0) == gradkeep.value("elu", -1.0, alpha=0.5)
    assert f(-1.0) == gradkeep.value(f, -1.0)
    with pytest.raises(gradkeep.Error, match="any_parameters=True"):
        gradkeep.Activation("improved_sigmoid(alpha=5)")
    assert gradkeep.value("improved_sigmoid", 0.0, alpha=5, any_parameters=True) == 0.5
    assert gradkeep.Activation("improved_sigmoid", alpha=5, any_parameters=True).parameters["alpha"] == 5


def test_threads(gradkeep):
    x = numbers(np.float32, 1 << 17)
    one = gradkeep.value("gelu", x)
    gradkeep.set_threads(2)
    try:
        assert gradkeep.threads() == 2 and same(gradkeep.value("gelu", x), one)
    finally:
        gradkeep.set_threads(1)
    with pytest.raises(gradkeep.Error):
        gradkeep.set_threads(-1)
