"""Keras 3 as a target, over the backend that KERAS_BACKEND names (tensorflow, jax or torch):

    KERAS_BACKEND=jax gradkeep check 'python kit/frameworks/with_keras.py'

Its activations are written once for each backend, so the same name may mean different things.
"""
# SPDX-License-Identifier: Apache-2.0

import importlib
import os

BACKEND = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# The module beside this one that knows how the backend differentiates; it comes before keras so that
# its settings count.
DIFFERENTIATED = importlib.import_module(
    {"tensorflow": "with_tf", "jax": "with_jax", "torch": "with_torch"}[BACKEND])

import answer
import keras

N = keras.activations


def prelu(x, a=None):
    """The layer with a weight for each element: all equal, or the tensor that is asked about, or as
    it begins."""
    layer = keras.layers.PReLU(dtype=keras.backend.standardize_dtype(x.dtype))
    layer.build((None, *x.shape))
    if a is None:
        a = layer.alpha.value
    elif not hasattr(a, "shape"):
        a = keras.ops.full(x.shape, a, x.dtype)
    y, _ = layer.stateless_call([a], [], x[None])
    return y[0]


OPERATIONS = {
    "arctan": keras.ops.arctan,
    "celu": N.celu,
    "elu": N.elu,
    "erf": keras.ops.erf,
    "exponential": N.exponential,
    "gelu": N.gelu,
    "gelu_tanh": lambda x: N.gelu(x, approximate=True),
    "hard_shrink": N.hard_shrink,
    "hard_sigmoid": answer.fixed(N.hard_sigmoid, -3, 3),
    "hard_swish": N.hard_swish,
    "hard_tanh": answer.fixed(N.hard_tanh, -1, 1),
    "identity": N.linear,
    "leaky_relu": N.leaky_relu,
    "log_sigmoid": N.log_sigmoid,
    "mish": N.mish,
    "prelu": prelu,
    "relu": N.relu,
    "relu6": N.relu6,
    "selu": N.selu,
    "sigmoid": N.sigmoid,
    "silu": N.silu,
    "sine": keras.ops.sin,
    "soft_shrink": N.soft_shrink,
    "softplus": answer.fixed(N.softplus, 1),
    "softsign": N.softsign,
    "sparse_plus": N.sparse_plus,
    "sparse_sigmoid": N.sparse_sigmoid,
    "squareplus": N.squareplus,
    "tanh": N.tanh,
    "tanh_shrink": N.tanh_shrink,
    "threshold": N.threshold,
    "thresholded_relu": lambda x, alpha: N.relu(x, threshold=alpha),
}

ROWS = {"log_softmax": N.log_softmax, "softmax": N.softmax, "sparsemax": N.sparsemax}
GATED = {"glu": ("second", N.glu)}


def framework():
    below = DIFFERENTIATED.framework()
    below.title = f"Keras {keras.__version__} over {below.title}"
    below.operations, below.from_output = OPERATIONS, {}
    below.learned = frozenset({"prelu"})
    below.rows, below.gated = ROWS, GATED
    return below


if __name__ == "__main__":
    answer.serve(framework())
