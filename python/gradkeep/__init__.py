"""Activation functions computed exactly, and whether your network's gradients survive them.

    gradkeep.value("gelu", x)                        # an array like x; slope, curvature, backward
    gradkeep.predict("tanh", weight_std=1.5).gradient_rms
    gradkeep.gain("silu", "backward")

All of it is one C++ module; NumPy's arrays, and those of PyTorch and JAX on the CPU, are read without
copying. `gradkeep.plot` needs matplotlib.
"""
# SPDX-License-Identifier: Apache-2.0
import os

from gradkeep._core import *  # noqa: F401,F403
from gradkeep._core import __version__ as __version__
from gradkeep._core import set_threads
from gradkeep._table import table as table

# OpenMP's threads do not live on in a process that is forked: its calls stay on one.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: set_threads(1))


def __getattr__(name):
    if name != "plot":
        raise AttributeError(f"module 'gradkeep' has no attribute {name!r}")
    import gradkeep.plot

    return gradkeep.plot
