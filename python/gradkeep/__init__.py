"""Activation functions computed exactly, and whether your network's gradients survive them.

    gradkeep.value("gelu", x)                        # an array like x; slope, curvature, backward
    gradkeep.predict("tanh", weight_std=1.5).gradient_rms
    gradkeep.gain("silu", "backward")

All of it is one C++ module; NumPy's arrays, and those of PyTorch and JAX on the CPU, are read without
copying. `gradkeep.plot` needs matplotlib.
"""
# SPDX-License-Identifier: Apache-2.0
from gradkeep._core import *  # noqa: F401,F403
from gradkeep._core import __version__ as __version__
from gradkeep._table import table as table
