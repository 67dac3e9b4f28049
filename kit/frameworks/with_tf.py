"""TensorFlow as a target: `gradkeep check 'python kit/frameworks/with_tf.py'`.

Operations run eagerly. Slopes come from a gradient tape, curvatures from a tape around that tape.
"""
# SPDX-License-Identifier: Apache-2.0

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import answer
import tensorflow as tf

OPERATIONS = {
    "arctan": tf.atan,
    "elu": answer.fixed(tf.nn.elu, 1),
    "erf": tf.math.erf,
    "exponential": tf.exp,
    "gelu": tf.nn.gelu,
    "gelu_tanh": lambda x: tf.nn.gelu(x, approximate=True),
    "hard_tanh": tf.clip_by_value,
    "identity": tf.identity,
    "leaky_relu": tf.nn.leaky_relu,
    "log_sigmoid": tf.math.log_sigmoid,
    "relu": tf.nn.relu,
    "relu6": tf.nn.relu6,
    "selu": tf.nn.selu,
    "sigmoid": tf.sigmoid,
    "silu": tf.nn.silu,
    "sine": tf.sin,
    "softplus": answer.fixed(tf.math.softplus, 1),
    "softsign": tf.nn.softsign,
    "swish": tf.nn.silu,
    "tanh": tf.tanh,
}


ROWS = {"log_softmax": tf.nn.log_softmax, "softmax": tf.nn.softmax}


def elu_from_output(dy, y, alpha):
    return answer.fixed(lambda y: tf.raw_ops.EluGrad(gradients=dy, outputs=y), 1)(y, alpha)


FROM_OUTPUT = {
    "elu": elu_from_output,
    "relu": lambda dy, y: tf.raw_ops.ReluGrad(gradients=dy, features=y),
    "relu6": lambda dy, y: tf.raw_ops.Relu6Grad(gradients=dy, features=y),
    "selu": lambda dy, y: tf.raw_ops.SeluGrad(gradients=dy, outputs=y),
    "sigmoid": lambda dy, y: tf.raw_ops.SigmoidGrad(y=y, dy=dy),
    "tanh": lambda dy, y: tf.raw_ops.TanhGrad(y=y, dy=dy),
}


def derivative(f, x, order):
    if order == 0:
        return f(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = derivative(f, x, order - 1)
    return tape.gradient(y, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def calculate(f, x, order):
    return derivative(f, tf.constant(x), order).numpy()


def pull_back(f, x, dy):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x, output_gradients=tf.constant(dy)).numpy()


def lacks(error):
    return isinstance(error, (LookupError, tf.errors.NotFoundError, tf.errors.UnimplementedError))


def framework():
    return answer.Framework(
        title=answer.described(f"TensorFlow {tf.__version__}"), operations=OPERATIONS,
        calculate=calculate, tensor=tf.constant, from_output=FROM_OUTPUT, rows=ROWS,
        pull_back=pull_back, lacks=lacks)


if __name__ == "__main__":
    answer.serve(framework())
