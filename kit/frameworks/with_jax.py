"""JAX as a target: `gradkeep check 'python kit/frameworks/with_jax.py'`.

Functions are compiled by jax.jit, as they are in a training step. Slopes are a reverse pass with
dy = 1, curvatures a reverse pass of that.
"""
# SPDX-License-Identifier: Apache-2.0

import functools

import answer
import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_enable_x64", True)

OPERATIONS = {
    "arctan": jnp.arctan,
    "celu": jax.nn.celu,
    "elu": jax.nn.elu,
    "erf": jax.lax.erf,
    "exponential": jnp.exp,
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "gelu_tanh": jax.nn.gelu,
    "hard_sigmoid": answer.fixed(jax.nn.hard_sigmoid, -3, 3),
    "hard_swish": jax.nn.hard_swish,
    "hard_tanh": answer.fixed(jax.nn.hard_tanh, -1, 1),
    "identity": jax.nn.identity,
    "leaky_relu": jax.nn.leaky_relu,
    "log1mexp": jax.nn.log1mexp,
    "log_sigmoid": jax.nn.log_sigmoid,
    "mish": jax.nn.mish,
    "relu": jax.nn.relu,
    "relu6": jax.nn.relu6,
    "selu": jax.nn.selu,
    "sigmoid": jax.nn.sigmoid,
    "silu": jax.nn.silu,
    "sine": jnp.sin,
    "softplus": answer.fixed(jax.nn.softplus, 1),
    "softsign": jax.nn.soft_sign,
    "sparse_plus": jax.nn.sparse_plus,
    "sparse_sigmoid": jax.nn.sparse_sigmoid,
    "squareplus": jax.nn.squareplus,
    "tanh": jax.nn.tanh,
}


ROWS = {"log_softmax": jax.nn.log_softmax, "softmax": jax.nn.softmax}
GATED = {"glu": ("second", jax.nn.glu)}


def derivative(f):
    def call(x):
        y, back = jax.vjp(f, x)
        return back(jnp.ones_like(y))[0]
    return call


@functools.lru_cache(maxsize=256)
def compiled(f, order):
    for _ in range(order):
        f = derivative(f)
    return jax.jit(f)


def calculate(f, x, order):
    return np.asarray(compiled(f, order)(x))


@functools.lru_cache(maxsize=256)
def compiled_backward(f):
    return jax.jit(lambda x, dy: jax.vjp(f, x)[1](dy)[0])


def pull_back(f, x, dy):
    return np.asarray(compiled_backward(f)(x, dy))


def framework():
    return answer.Framework(
        title=answer.described(f"JAX {jax.__version__}"), operations=OPERATIONS,
        calculate=calculate, tensor=jnp.asarray,
        rows=ROWS, gated=GATED, pull_back=pull_back,
        learned=frozenset({"celu", "elu", "leaky_relu", "squareplus"}))


if __name__ == "__main__":
    answer.serve(framework())
