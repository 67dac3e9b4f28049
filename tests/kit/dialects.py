"""kit/dialects as the tests read it: the shape of a file, and what a dialect means at a number.

docs/dialects.md says what the keys are. The program reads the files by itself; this reading is a
second one, so that a mistake in either shows.
"""
# SPDX-License-Identifier: Apache-2.0

import math
import pathlib
import re
import tomllib

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "kit" / "dialects"
NAMES = sorted(file.stem for file in FOLDER.glob("*.toml"))
ORDERS = ("value", "slope", "curvature")
BACKENDS = ("jax", "tensorflow", "torch")

TEXT, NUMBER, WHERE = (str,), (float, int), {"versions": (str,), "backend": (str,)}
PLACE = (float, int, str)  # a number, or the name of a parameter, maybe with a minus
POINT = {"x": PLACE, **dict.fromkeys(ORDERS, PLACE), **WHERE}
PIECE = {"above": PLACE, "below": PLACE, "is": TEXT, **WHERE}
ALSO = {"name": TEXT, "is": TEXT, **WHERE}
FUNCTION = {"name": TEXT, "is": TEXT, "at": [POINT], "pieces": [PIECE], "also": [ALSO], **WHERE}
ROWWISE = {"name": TEXT, "gate": TEXT, "axis": (int,), "nan": TEXT}
DEVIATION = {"functions": [TEXT], "what": TEXT, "x": [NUMBER], "says": TEXT, **WHERE}
ROW = {"row": (int,), "says": TEXT, "source": TEXT, **WHERE}
FILE = {"title": TEXT, "checked_with": TEXT, "backend": TEXT, "slope_of_nan": TEXT, "rows": [ROW], "rowwise": {None: ROWWISE}, "functions": {None: FUNCTION},
        "deviations": [DEVIATION]}
NEEDED = {id(FILE): ("title", "rows", "functions"), id(ROW): ("row", "says", "source"),
          id(FUNCTION): ("name", "is"), id(POINT): ("x",), id(PIECE): ("is",),
          id(ROWWISE): ("name",), id(ALSO): ("name", "is"), id(DEVIATION): ("functions", "what", "x", "says")}


def load(name):
    return tomllib.loads((FOLDER / f"{name}.toml").read_text())


def complaints(value, shape, place):
    """What is wrong with a value of a file, as lines that name the place."""
    if isinstance(shape, tuple):
        if not isinstance(value, shape) or isinstance(value, bool):
            yield f"{place} is {value!r}; expected {' or '.join(t.__name__ for t in shape)}"
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{place} is {value!r}; expected a list"
            return
        for k, entry in enumerate(value):
            yield from complaints(entry, shape[0], f"{place}[{k}]")
    elif not isinstance(value, dict):
        yield f"{place} is {value!r}; expected a table"
    else:
        for key in NEEDED.get(id(shape), ()):
            if key not in value:
                yield f"{place} has no '{key}'"
        for key, entry in value.items():
            if key not in shape and None not in shape:
                yield f"{place} has '{key}'; expected one of {', '.join(shape)}"
            else:
                yield from complaints(entry, shape.get(key, shape.get(None)), f"{place}.{key}")


def version(text):
    """"2.13" as (2, 13, 0)."""
    return tuple([*map(int, re.findall(r"\d+", text)), 0, 0, 0][:3])


def holds_for(entry, backend=None, used=None):
    """Whether an entry is about this backend and this version of the framework."""
    if entry.get("backend", backend) != backend:
        return False
    for condition in filter(None, entry.get("versions", "").replace(" ", "").split(",")):
        sign, number = re.fullmatch(r"(<=|>=|<|>|=)([\d.]+)", condition).groups()
        here, there = version(used), version(number)
        if not {"<": here < there, "<=": here <= there, ">": here > there, ">=": here >= there,
                "=": here == there}[sign]:
            return False
    return True


def same(x, y):
    return x == y or (math.isnan(x) and math.isnan(y))


def number(entry, parameters):
    """A number, or that of the parameter it names."""
    if not isinstance(entry, str):
        return float(entry)
    name = entry.removeprefix("-")
    return (-1 if entry != name else 1) * parameters[name]


def meaning(dialect, name, parameters, order, x, truth, **here):
    """What the dialect means by a function at x, None where it leaves that open: truth(text or None,
    order, x) is gradkeep's."""
    function = dialect["functions"].get(name, {})
    for point in function.get("at", []):
        if (order in point and holds_for(point, **here)
                and same(number(point["x"], parameters), x)):
            return number(point[order], parameters)
    if math.isnan(x) and order != "value" and dialect.get("slope_of_nan") == "any":
        return None
    for piece in function.get("pieces", []):
        ends = [number(piece.get(key, end), parameters)
                for key, end in (("above", -math.inf), ("below", math.inf))]
        if holds_for(piece, **here) and ends[0] < x < ends[1]:
            return truth(piece["is"], order, x)
    return truth(None, order, x)
