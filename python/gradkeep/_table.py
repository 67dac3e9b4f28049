"""Functions compared, as a table: pandas' where it is installed."""
# SPDX-License-Identifier: Apache-2.0
from gradkeep import _core


def _or_nan(ask, *arguments):
    try:
        return ask(*arguments)
    except _core.Error:  # there is none, or the function (log) is not defined for every input
        return float("nan")


def _row(f, layers):
    chain = _core.chain(f, layers)
    return {"function": str(f), "low": f.range[0], "high": f.range[1],
            "slope_max": chain.slope_max, f"bound_{layers}": chain.bound,
            "mean": _or_nan(lambda: _core.moments(f).phi),
            "mean_square_slope": _or_nan(lambda: _core.moments(f).dphi2),
            "gain_forward": _or_nan(_core.gain, f), "gain_backward": _or_nan(_core.gain, f, "backward"),
            "critical_weight_std": _or_nan(_core.gain, f, "critical")}


def table(*functions, layers=20):
    """One row for each function, all of them where none is named: a pandas DataFrame, or a list of
    dicts without pandas.

    low and high bound the value, slope_max is the largest |f'| and bound_20 that to the 20th; mean and
    mean_square_slope are averages over a standard normal input; the gains are those of gain(), and
    critical_weight_std is NaN where no stable critical point has zero biases.
    """
    rows = [_row(_core.Activation(f) if isinstance(f, str) else f, layers)
            for f in functions or _core.names()]
    try:
        import pandas
    except ImportError:
        return rows
    return pandas.DataFrame(rows).set_index("function")
