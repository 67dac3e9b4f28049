"""Pictures of functions and of what theory says of them. Every function returns matplotlib's Axes, draws
into `ax` where that is given, and leaves showing and saving to the caller."""
# SPDX-License-Identifier: Apache-2.0
import numpy as np

from gradkeep import _core

ORDERS = ("f", "f'", "f''")
EVALUATE = (_core.value, _core.slope, _core.curvature)


def _axes(ax):
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def _name(function):
    return getattr(function, "__name__", None) or str(function)


def _line(f, order, low, high, points):
    """x and y of a curve, with a NaN where it jumps, so that no stroke crosses a jump."""
    kinks = np.array([k for k in f.kinks if low < k < high])
    x = np.unique(np.concatenate([np.linspace(low, high, points), kinks, np.nextafter(kinks, -np.inf),
                                  np.nextafter(kinks, np.inf)]))
    y = EVALUATE[order](f, x)
    at = np.searchsorted(x, kinks)
    before = np.concatenate([at, at + 1])  # the places in front of which it may jump
    jumps = before[np.abs(y[before] - y[before - 1]) > 1e-6 * (1 + np.abs(y[before]))]
    return np.insert(x, jumps, np.nan), np.insert(y, jumps, np.nan)


def curves(functions, low=-5.0, high=5.0, *, order=(0,), overlay=True, points=1001, ax=None):
    """Functions and their derivatives over [low, high].

    functions: names such as "improved_sigmoid(alpha=2,beta=0.1)", or Activations; one or a list.
    order: 0 value, 1 slope, 2 curvature, one or several. overlay: all in one picture; otherwise one below
    the other for each order, and an array of Axes is returned.
    """
    functions = [functions] if isinstance(functions, (str, _core.Activation)) else functions
    functions = [_core.Activation(f) if isinstance(f, str) else f for f in functions]
    orders = tuple(int(n) for n in np.atleast_1d(order))
    if not low < high:
        raise ValueError(f"low is {low} and high {high}; expected low < high")
    if not set(orders) <= {0, 1, 2} or len(set(orders)) != len(orders) or not orders:
        raise ValueError(f"order is {order}; expected 0, 1 or 2, or several of them")
    if overlay:
        axes = [_axes(ax)] * len(orders)
    else:
        if ax is not None:
            raise ValueError("ax is one picture; expected overlay=True with it")
        import matplotlib.pyplot as plt

        axes = plt.subplots(len(orders), sharex=True, layout="constrained", squeeze=False)[1][:, 0]
    for number, f in enumerate(functions):
        for place, (n, into) in enumerate(zip(orders, axes)):
            x, y = _line(f, n, low, high, points)
            into.plot(x, y, color=f"C{number}", linestyle=("-", "--", ":")[place if overlay else 0],
                      label=f"{f} {ORDERS[n]}" if overlay and len(orders) > 1 else str(f))
    for n, into in zip(orders, axes):
        into.axhline(0, color="0.7", linewidth=0.8, zorder=0)
        into.axvline(0, color="0.7", linewidth=0.8, zorder=0)
        into.set_xlim(low, high)
        if not overlay or len(orders) == 1:
            into.set_ylabel(ORDERS[n])
    axes[-1].set_xlabel("x")
    axes[0].legend()
    return axes[0] if overlay else axes


def flow(function, *, ax=None, **network):
    """The gradient's size on its way back through a network, layer by layer, before training; the band holds
    one network in two. `network` are the arguments of predict()."""
    prediction = _core.predict(function, **network)
    ax = _axes(ax)
    layers = np.arange(1, len(prediction.q) + 1)
    # The logarithm is nearly normal; its mean lies half of its variance below that of the mean square.
    middle = np.log(prediction.gradient_rms) - prediction.log_variance / 4
    spread = 0.6745 * np.sqrt(prediction.log_variance) / 2
    line, = ax.plot(layers, np.exp(middle), marker=".", label=_name(function))
    ax.fill_between(layers, np.exp(middle - spread), np.exp(middle + spread), alpha=0.25,
                    color=line.get_color(), linewidth=0)
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient, relative to the last layer")
    ax.legend()
    return ax


def phase(function, *, weight_std=None, bias_std=None, ax=None, **of_function):
    """Where gradients vanish (chi_1 < 1) and where they explode, over the scales of weights and biases, with
    the critical line between."""
    weight_std = np.linspace(0.5, 3, 101) if weight_std is None else weight_std
    bias_std = np.linspace(0, 1, 51) if bias_std is None else bias_std
    diagram = _core.phase(function, list(weight_std), list(bias_std), **of_function)
    ax = _axes(ax)
    with np.errstate(divide="ignore"):
        chi = np.log10(np.where(np.isfinite(diagram.chi_1), diagram.chi_1, np.nan))
    picture = ax.pcolormesh(weight_std, bias_std, chi, cmap="RdBu_r", vmin=-1, vmax=1,
                            shading="nearest", rasterized=True)
    if np.nanmin(chi) < 0 < np.nanmax(chi):
        ax.contour(weight_std, bias_std, chi, levels=[0], colors="black")
    ax.figure.colorbar(picture, ax=ax, label="log10 chi_1")
    ax.set_xlabel("weight_std")
    ax.set_ylabel("bias_std")
    ax.set_title(_name(function))
    return ax


def spectrum(function, layers=1, *, ax=None, **setting):
    """The density of u = ln(lambda / chi_1^layers), lambda the squared singular values of a network's
    Jacobian; what lies at one point is told in the legend. `setting` are the arguments of spectrum()."""
    s = _core.spectrum(function, layers, **setting)
    ax = _axes(ax)
    label = f"{_name(function)}, {layers} layer{'s' if layers > 1 else ''}"
    for at, share in s.atoms:
        label += f"\n{share:.1%} at {at:.3g}"
    shown = s.share > (s.share[-1] / 1000 if len(s.share) else 0)  # a thousandth may lie hundreds of units below
    line, = ax.plot(s.u[shown], s.density[shown], label=label)
    ax.fill_between(s.u[shown], s.density[shown], alpha=0.2, color=line.get_color(), linewidth=0)
    ax.set_xlabel("u = ln(lambda / chi_1^L)")
    ax.set_ylabel("density")
    ax.set_ylim(bottom=0, auto=True)
    ax.legend()
    return ax
