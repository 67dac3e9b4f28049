"""
Activation functions, their derivatives, and whether gradients survive them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray


class Error(ValueError):
    pass

class Parameter:
    """A parameter of a function."""

    @property
    def name(self) -> str: ...

    @property
    def default(self) -> float: ...

    @property
    def recommended(self) -> str:
        """The bounds that hold unless any_parameters is given."""

    @property
    def bounds(self) -> str:
        """Where the function is defined at all."""

    @property
    def learned(self) -> bool:
        """Whether it is trained along with the weights."""

    @property
    def meaning(self) -> str: ...

    def __repr__(self) -> str: ...

class Info:
    """What is known of a function besides how to compute it."""

    @property
    def name(self) -> str: ...

    @property
    def aliases(self) -> list[str]: ...

    @property
    def title(self) -> str: ...

    @property
    def formula(self) -> str: ...

    @property
    def slope(self) -> str: ...

    @property
    def curvature(self) -> str: ...

    @property
    def derivation(self) -> str: ...

    @property
    def parameters(self) -> list[Parameter]: ...

    @property
    def kinks(self) -> list[tuple[float, str]]:
        """Where value or slope jump at the defaults, and the convention there."""

    @property
    def slope_from_output(self) -> bool: ...

    @property
    def torch(self) -> str: ...

    @property
    def keras(self) -> str: ...

    @property
    def jax(self) -> str: ...

    @property
    def onnx(self) -> str: ...

    @property
    def onednn(self) -> str: ...

    @property
    def paper(self) -> str: ...

    def __repr__(self) -> str: ...

class Activation:
    """A function with its parameters bound: Activation('elu(alpha=0.5)')."""

    def __init__(self, text: str, **parameters) -> None:
        """
        A name or an alias of any framework, with parameters in the text or by keyword.

        any_parameters=True lifts the recommended bounds. Error for what is unknown.
        """

    @property
    def name(self) -> str: ...

    @property
    def parameters(self) -> dict: ...

    @property
    def info(self) -> Info: ...

    @property
    def domain(self) -> tuple[float, float]: ...

    @property
    def range(self) -> tuple[float, float]: ...

    @property
    def kinks(self) -> list[float]: ...

    @property
    def has_output_form(self) -> bool:
        """Whether the slope is a function of the output."""

    def __call__(self, x: object) -> object:
        """value(self, x)."""

    def __str__(self) -> str: ...

    def __repr__(self) -> str: ...

    def __eq__(self, arg: Activation, /) -> bool: ...

    def __hash__(self) -> int: ...

    def __getstate__(self) -> str: ...

    def __setstate__(self, arg: str, /) -> None: ...

def names() -> list[str]:
    """The elementwise functions, by name."""

def info(function: str) -> Info:
    """
    What is known of a function, by its name or any alias. Error for an unknown one.
    """

def set_threads(n: int) -> None:
    """
    How many threads a call on a large array may use: 1 at first, 0 for as many as there are.
    """

def threads() -> int: ...

def target() -> str:
    """The instructions in use, such as 'AVX2'."""

def value(function: str | Activation, x: Any, *, tier: str = 'fast', out: Any = None, **parameters: float) -> Any:
    """
    f(x): an array of x's shape and type, or `out`, which may be x.

    function: a name or alias, 'elu(alpha=0.5)', or an Activation; parameters by keyword.
    x: float32, float64, float16 or bfloat16 (ml_dtypes), any shape and strides, of NumPy,
    PyTorch or JAX on the CPU; or a number, or a list of them, which count as float64.
    tier: 'fast' (2 ULP; 4 for curvature) or 'exact' (rounded correctly).
    """

def slope(function: str | Activation, x: Any, *, tier: str = 'fast', out: Any = None, **parameters: float) -> Any:
    """f'(x), with the arguments of value."""

def curvature(function: str | Activation, x: Any, *, tier: str = 'fast', out: Any = None, **parameters: float) -> Any:
    """f''(x), with the arguments of value."""

def value_and_slope(function: str | Activation, x: Any, **parameters: float) -> tuple[Any, Any]:
    """(f(x), f'(x)) in one pass."""

def parameter_slope(function: str | Activation, parameter: str, x: Any, *, out: Any = None, **parameters: float) -> Any:
    """df/dp at each x, for the parameter of that name."""

def softmax(x: Any, axis: int = -1, *, out: Any = None) -> Any:
    """Along an axis, as docs/arrays.md has it; `out` may be x."""

def log_softmax(x: Any, axis: int = -1, *, out: Any = None) -> Any:
    """Along an axis, as docs/arrays.md has it; `out` may be x."""

def softmin(x: Any, axis: int = -1, *, out: Any = None) -> Any:
    """Along an axis, as docs/arrays.md has it; `out` may be x."""

def hardmax(x: Any, axis: int = -1, *, out: Any = None) -> Any:
    """Along an axis, as docs/arrays.md has it; `out` may be x."""

def sparsemax(x: Any, axis: int = -1, *, out: Any = None) -> Any:
    """Along an axis, as docs/arrays.md has it; `out` may be x."""

def geglu(x: Any, axis: int = -1, *, gate: str | None = None, out: Any = None) -> Any:
    """
    One half of the axis times the activation of the other.

    gate: which half goes through it, 'first' or 'second'; None: as the paper has it, the
    second for glu and the first for the others. The result is half as long along the axis.
    """

def geglu_tanh(x: Any, axis: int = -1, *, gate: str | None = None, out: Any = None) -> Any:
    """
    One half of the axis times the activation of the other.

    gate: which half goes through it, 'first' or 'second'; None: as the paper has it, the
    second for glu and the first for the others. The result is half as long along the axis.
    """

def glu(x: Any, axis: int = -1, *, gate: str | None = None, out: Any = None) -> Any:
    """
    One half of the axis times the activation of the other.

    gate: which half goes through it, 'first' or 'second'; None: as the paper has it, the
    second for glu and the first for the others. The result is half as long along the axis.
    """

def reglu(x: Any, axis: int = -1, *, gate: str | None = None, out: Any = None) -> Any:
    """
    One half of the axis times the activation of the other.

    gate: which half goes through it, 'first' or 'second'; None: as the paper has it, the
    second for glu and the first for the others. The result is half as long along the axis.
    """

def swiglu(x: Any, axis: int = -1, *, gate: str | None = None, out: Any = None) -> Any:
    """
    One half of the axis times the activation of the other.

    gate: which half goes through it, 'first' or 'second'; None: as the paper has it, the
    second for glu and the first for the others. The result is half as long along the axis.
    """

def row_names() -> list[str]:
    """The functions of rows."""

def gated_names() -> list[str]:
    """The gated functions."""

def backward(function: str | Activation, dy: Any, x: Any = None, y: Any = None, *, axis: int | None = None, gate: str | None = None, out: Any = None, **parameters: float) -> Any:
    """
    The gradient with respect to x, given that of the output.

    From x, or from the output y: of an elementwise function only where its slope is a
    function of y (info(..).slope_from_output), with what y has lost by rounding; softmax and its kin
    always use y. `out` may be dy, x or y.
    """

class FixedPoint:
    """Where the variance of a layer's pre-activations stays."""

    def __repr__(self) -> str: ...

    @property
    def q(self) -> float: ...

    @property
    def status(self) -> str: ...

    @property
    def attracting(self) -> bool: ...

    @property
    def chi_1(self) -> float: ...

    @property
    def length_slope(self) -> float: ...

    @property
    def c_star(self) -> float: ...

    @property
    def one_minus_c_star(self) -> float: ...

    @property
    def xi_q(self) -> float: ...

    @property
    def xi_c(self) -> float: ...

    @property
    def xi_grad(self) -> float: ...

class Moments:
    """Averages over a normal input of variance q."""

    def __repr__(self) -> str: ...

    @property
    def phi(self) -> float: ...

    @property
    def phi2(self) -> float: ...

    @property
    def dphi(self) -> float: ...

    @property
    def dphi2(self) -> float: ...

    @property
    def dphi4(self) -> float: ...

    @property
    def z_phi_dphi(self) -> float: ...

    @property
    def error(self) -> float: ...

class Gains:
    """The weight_std that keeps a mean square in one layer."""

    def __repr__(self) -> str: ...

    @property
    def forward(self) -> float: ...

    @property
    def backward(self) -> float: ...

    @property
    def centred(self) -> float: ...

class CriticalPoint:
    """Weights at which the gradient keeps its size."""

    def __repr__(self) -> str: ...

    @property
    def weight_std(self) -> float: ...

    @property
    def q(self) -> float: ...

    @property
    def stable(self) -> bool: ...

    @property
    def length_slope(self) -> float: ...

class Criticality:
    """The critical line at one bias_std."""

    def __repr__(self) -> str: ...

    @property
    def line(self) -> str: ...

    @property
    def points(self) -> list[CriticalPoint]: ...

class Recommendation:
    """An initialisation for a width and a depth."""

    def __repr__(self) -> str: ...

    @property
    def weight_std(self) -> float: ...

    @property
    def bias_std(self) -> float: ...

    @property
    def footing(self) -> str: ...

    @property
    def q(self) -> float: ...

    @property
    def input_variance(self) -> float: ...

    @property
    def gradient_gain(self) -> float: ...

    @property
    def log_variance(self) -> float: ...

    @property
    def reason(self) -> str: ...

class FormatLoss:
    """What a number format makes of the gradient, layers from 1."""

    def __repr__(self) -> str: ...

    @property
    def format(self) -> str: ...

    @property
    def subnormal_up_to(self) -> int | None: ...

    @property
    def lost_up_to(self) -> int | None: ...

    @property
    def share_lost(self) -> float: ...

class Prediction:
    """
    Signal and gradient of a wide random network; arrays run over hidden layers.
    """

    def __repr__(self) -> str: ...

    @property
    def fixed_points(self) -> list[FixedPoint]: ...

    @property
    def arrives(self) -> int | None: ...

    @property
    def gains(self) -> Gains: ...

    @property
    def q(self) -> NDArray[numpy.float64]: ...

    @property
    def correlation(self) -> NDArray[numpy.float64]: ...

    @property
    def chi_1(self) -> NDArray[numpy.float64]: ...

    @property
    def gradient_rms(self) -> NDArray[numpy.float64]: ...

    @property
    def log_variance(self) -> NDArray[numpy.float64]: ...

    @property
    def formats(self) -> list[FormatLoss]: ...

class ChainStep:
    """One layer of the chain rule at one input."""

    def __repr__(self) -> str: ...

    @property
    def a(self) -> float: ...

    @property
    def f(self) -> float: ...

    @property
    def slope(self) -> float: ...

    @property
    def weight(self) -> float: ...

    @property
    def product(self) -> float: ...

class Chain:
    """The bound that slopes alone put on a gradient through many layers."""

    def __repr__(self) -> str: ...

    @property
    def layers(self) -> int: ...

    @property
    def slope_max(self) -> float: ...

    @property
    def at(self) -> float: ...

    @property
    def attained(self) -> bool: ...

    @property
    def bound(self) -> float: ...

    @property
    def subnormal_at(self) -> dict[str, int | None]: ...

    @property
    def lost_at(self) -> dict[str, int | None]: ...

    @property
    def steps(self) -> list[ChainStep]: ...

def gain(function: object, mode: str = 'forward', *, variance: float = 1.0, slope: Callable | None = None, kinks: Sequence[float] = [], **parameters) -> float:
    """
    What to multiply weights of variance 1 / fan_in by, at pre-activations of this variance.

    mode: 'forward' keeps the signal's mean square, 'backward' the gradient's, 'both' is Glorot's
    compromise sqrt(2 / (1 / forward^2 + 1 / backward^2)), 'centred' keeps the variance where a
    normalisation removes the mean, 'critical' keeps the gradient at every depth.

    function: a name, an Activation, or a callable of one float; of a callable `slope` is the
    derivative (differences are taken where there is none) and `kinks` are the inputs where value or
    slope jump.
    """

def moments(function: object, q: float = 1.0, *, slope: Callable | None = None, kinks: Sequence[float] = [], **parameters) -> Moments:
    """
    Averages over a normal input of variance q.

    function: a name, an Activation, or a callable of one float; of a callable `slope` is the
    derivative (differences are taken where there is none) and `kinks` are the inputs where value or
    slope jump.
    """

def critical(function: object, bias_std: float = 0.0, *, slope: Callable | None = None, kinks: Sequence[float] = [], **parameters) -> Criticality:
    """
    The weights with which gradients neither vanish nor explode.

    function: a name, an Activation, or a callable of one float; of a callable `slope` is the
    derivative (differences are taken where there is none) and `kinks` are the inputs where value or
    slope jump.
    """

def recommend(function: object, width: int = 256, depth: int = 20, *, slope: Callable | None = None, kinks: Sequence[float] = [], **parameters) -> Recommendation:
    """
    An initialisation with the reason for it.

    function: a name, an Activation, or a callable of one float; of a callable `slope` is the
    derivative (differences are taken where there is none) and `kinks` are the inputs where value or
    slope jump.
    """

def predict(function: object, *, weight_std: float = 1.0, bias_std: float = 0.0, depth: int = 20, width: int = 256, input_variance: float = 1.0, input_correlation: float = 0.0, loss_scale: float = 1.0, weights: str = 'gaussian', normalisation: str = 'none', residual: str = 'none', dropout: float = 0.0, slope: Callable | None = None, kinks: Sequence[float] = [], **parameters) -> Prediction:
    """
    Signal and gradient, layer by layer, before training. Weights are N(0, weight_std^2 / fan_in).

    weights: 'gaussian' or 'orthogonal'. normalisation: 'none', 'batch' or 'layer'. residual:
    'none', 'plain', 'scaled' or 'zero'.

    function: a name, an Activation, or a callable of one float; of a callable `slope` is the
    derivative (differences are taken where there is none) and `kinks` are the inputs where value or
    slope jump.
    """

def chain(function: object, layers: int, x: float | None = None, *, weights: Sequence[float] | None = None, biases: Sequence[float] | None = None, **parameters) -> Chain:
    """
    max|f'|^layers, and with x the chain rule walked through layers of one unit (weights 1 and
    biases 0 unless given).
    """

class PhaseDiagram:
    """Where signals settle; arrays run over [bias][weight]."""

    def __repr__(self) -> str: ...

    @property
    def weight_std(self) -> list[float]: ...

    @property
    def bias_std(self) -> list[float]: ...

    @property
    def q(self) -> NDArray[numpy.float64]: ...

    @property
    def chi_1(self) -> NDArray[numpy.float64]: ...

    @property
    def xi_c(self) -> NDArray[numpy.float64]: ...

class Spectrum:
    """
    Squared singular values of a wide network's Jacobian; density, share and atoms of
    u = ln(lambda / chi_1^layers).
    """

    def __repr__(self) -> str: ...

    @property
    def chi_1(self) -> float: ...

    @property
    def mean(self) -> float: ...

    @property
    def variance(self) -> float: ...

    @property
    def lambda_min(self) -> float: ...

    @property
    def lambda_max(self) -> float: ...

    @property
    def atoms(self) -> list[tuple[float, float]]: ...

    @property
    def u(self) -> NDArray[numpy.float64]: ...

    @property
    def density(self) -> NDArray[numpy.float64]: ...

    @property
    def share(self) -> NDArray[numpy.float64]: ...

def phase(function: object, weight_std: Sequence[float], bias_std: Sequence[float], input_variance: float = 1.0, *, slope: Callable | None = None, kinks: Sequence[float] = [], **parameters) -> PhaseDiagram:
    """
    For every pair of scales, where a signal of this variance ends and what becomes of its gradient.

    function, slope and kinks as in gain.
    """

def spectrum(function: object, layers: int = 1, q: float = 1.0, *, weight_std: float | None = None, weights: str = 'gaussian', slope: Callable | None = None, kinks: Sequence[float] = [], **parameters) -> Spectrum:
    """
    The singular values of the input-output Jacobian at pre-activations of variance q.

    weight_std: None is the one at which their mean square is 1. weights: 'gaussian' or
    'orthogonal'. function, slope and kinks as in gain.
    """
