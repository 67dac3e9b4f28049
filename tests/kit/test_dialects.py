"""kit/dialects: the shape of every file, and that each says of its framework what the framework does.

The agreement needs the frameworks. What no Python here has is skipped by name; GRADKEEP_FRAMEWORKS
names further Pythons (paths with colons between).
"""
# SPDX-License-Identifier: Apache-2.0

import math
import subprocess
import sys

import agreement
import dialects
import framework_targets as targets
import library_targets
import numpy as np
import pytest

ROOT = agreement.ROOT
# Frameworks are programs; oneDNN is a library, which is there wherever gradkeep is built.
ONEDNN = targets.Program("onednn", "", ())
# Which programs speak a dialect, and how names begin for which they do not answer: those of other packages,
# and oneDNN's primitive with weights.
SPOKEN = {"torch": ["torch"], "jax": ["jax"], "tf": ["tf"], "onnx": ["onnxruntime"],
          "keras": ["keras-jax", "keras-tensorflow", "keras-torch"], "onednn": ["onednn"]}
FOREIGN = ("timm.", "flax.", "tfa.", "prelu")
CASES = [(dialect, program) for dialect, names in SPOKEN.items()
         for program in [*targets.PROGRAMS, ONEDNN] if program.name in names]
COLUMNS = {"torch": "torch", "jax": "jax", "keras": "keras", "onnx": "onnx", "onednn": "onednn"}


@pytest.fixture(scope="module", params=dialects.NAMES)
def named(request):
    return request.param, dialects.load(request.param)


def test_all_dialects_are_there():
    assert dialects.NAMES == ["jax", "keras", "limit", "onednn", "onnx", "tf", "torch"]


def test_a_file_has_the_shape_that_the_page_describes(named):
    name, dialect = named
    assert list(dialects.complaints(dialect, dialects.FILE, name)) == []


def test_a_wrong_key_or_type_is_told():
    wrong = {"title": "T", "rows": [{"row": "1", "says": "s"}], "function": {},
             "functions": {"relu": {"name": "r", "is": "relu", "at": [{"x": 0.0, "slop": 1.0}]}}}
    assert list(dialects.complaints(wrong, dialects.FILE, "file")) == [
        "file.rows[0] has no 'source'", "file.rows[0].row is '1'; expected int",
        "file has 'function'; expected one of " + ", ".join(dialects.FILE),
        "file.functions.relu.at[0] has 'slop'; expected one of " + ", ".join(dialects.POINT)]


def test_ci_installs_the_versions_that_the_dialects_were_checked_with():
    lines = (ROOT / "tools" / "packages.txt").read_text().splitlines()
    pinned = dict(line.split()[2].partition("+")[0].split("==") for line in lines
                  if " optional " in line and "==" in line)
    titles = {"torch": "torch", "jax": "jax", "tf": "tensorflow-cpu", "keras": "keras", "onnx": "onnxruntime"}
    assert pinned == {package: dialects.load(name)["checked_with"]
                      for name, package in titles.items()}


def entries(dialect):
    yield from dialect["rows"]
    yield from dialect.get("deviations", [])
    for function in dialect["functions"].values():
        for key in ("at", "pieces", "also"):
            yield from function.get(key, [])


def test_versions_and_backends_are_such(named):
    name, dialect = named
    for entry in entries(dialect):
        dialects.holds_for(entry, backend="jax", used="1.0")  # throws for a range it cannot read
        assert entry.get("backend", "jax") in dialects.BACKENDS
        assert "backend" not in entry or name == "keras"


def test_every_function_is_one_of_gradkeeps(named):
    _, dialect = named
    known = set(agreement.functions())
    assert set(dialect["functions"]) <= known
    for name, function in dialect["functions"].items():
        for text in [function["is"], *(other["is"] for other in function.get("also", []))]:
            assert agreement.show(text)["function"] == name
        for piece in function.get("pieces", []):
            agreement.show(piece["is"])
    for deviation in dialect.get("deviations", []):
        assert set(deviation["functions"]) <= set(dialect["functions"])
        assert deviation["what"] in dialects.ORDERS


def test_every_place_is_a_number_or_a_parameter(named):
    _, dialect = named
    for function in dialect["functions"].values():
        some = agreement.parameters(agreement.show(function["is"]))
        for entry in [*function.get("at", []), *function.get("pieces", [])]:
            for key in {"x", "above", "below", *dialects.ORDERS} & set(entry):
                dialects.number(entry[key], some)


def test_what_a_point_says_is_not_what_gradkeep_does_anyway(named):
    _, dialect = named
    idle = []
    for name, function in dialect["functions"].items():
        some = agreement.parameters(agreement.show(function["is"]))
        for point in function.get("at", []):
            x = dialects.number(point["x"], some)
            for order in set(dialects.ORDERS) & set(point):
                [ours] = agreement.truths(function["is"], order, (x,))
                if dialects.same(dialects.number(point[order], some), ours) and some.get("a") != 0:
                    idle.append((name, point))
    assert idle == []


@pytest.mark.parametrize("name", COLUMNS)
def test_a_dialect_has_every_name_that_the_definitions_know(name):
    functions = dialects.load(name)["functions"]
    for function in agreement.functions():
        there = agreement.show(function)["elsewhere"].get(COLUMNS[name])
        if there:
            assert functions[function]["name"] == there


def test_all_23_points_are_spoken_of():
    told = {name: {row["row"] for row in dialects.load(name)["rows"]} for name in dialects.NAMES}
    assert told["limit"] == set(range(1, 24))
    assert set.union(*(rows for name, rows in told.items() if name != "limit")) == set(range(1, 24))


def test_the_page_is_what_the_files_say(tmp_path):
    subprocess.run([sys.executable, ROOT / "tools" / "dialects_page", tmp_path], check=True)
    assert (tmp_path / "dialects.md").read_text() == (ROOT / "docs" / "dialects.md").read_text()


def begun(program):
    if program is not ONEDNN:
        return targets.start(program)
    file = library_targets.file_of("onednn")
    assert file.is_file(), f"{file} is missing: ninja check_onednn makes it"
    return library_targets.Target(file)


def place(name, order, x):
    """As text, since NaN is not NaN; -0 is 0."""
    return name, order, repr(float(x) + 0.0)


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case[1].name)
def spoken(request):
    """A framework at work, its dialect, and where in the dialect it is."""
    name, program = request.param
    target = begun(program)
    here = {"backend": program.backend or None, "used": agreement.version_of(target)}
    yield target, dialects.load(name), here
    target.end()


def own(dialect, here):
    return {name: function for name, function in dialect["functions"].items()
            if not function["name"].startswith(FOREIGN) and dialects.holds_for(function, **here)}


def deviations(dialect, here, dtype):
    return {place(name, entry["what"], dtype(x))
            for entry in dialect.get("deviations", []) if dialects.holds_for(entry, **here)
            for name in entry["functions"] for x in entry["x"]}


def lacks(target, dtype):
    return isinstance(target.ask("value relu", np.zeros(1, dtype)), str)


def test_a_framework_has_what_its_dialect_names(spoken):
    target, dialect, here = spoken
    for function in own(dialect, here).values():
        shown = agreement.show(function["is"])
        question = "value " + agreement.spelled(shown["function"], agreement.parameters(shown))
        assert not isinstance(target.ask(question, np.zeros(1, np.float32)), str), question
    for name in set(agreement.functions()) - set(own(dialect, here)):
        question = "value " + agreement.spelled(name, agreement.parameters(agreement.show(name)))
        assert isinstance(target.ask(question, np.zeros(1, np.float32)), str), question


OF_ROWS = {"softmax", "log_softmax", "softmin", "hardmax", "sparsemax", "glu", "swiglu", "geglu", "geglu_tanh",
           "reglu"}
LATER = {"swiglu"}  # an operator of opset 28, which ONNX Runtime 1.31 does not know


def test_the_gates_and_names_of_row_functions(named):
    _, dialect = named
    for name, function in dialect.get("rowwise", {}).items():
        assert name in OF_ROWS
        assert function.get("gate") in (("first", "second") if name.endswith("lu") or "glu" in name else (None,))
        assert function.get("axis", -1) == -1


def test_a_framework_has_the_row_functions_that_its_dialect_names(spoken):
    """With that gate and no other, along the axis that it says where none is given."""
    target, dialect, _ = spoken
    x = np.array([[0.3, -1.2, 2.5, 0.9], [1, -0.5, 0.25, 3]], np.float32)
    for name in OF_ROWS:
        function = dialect.get("rowwise", {}).get(name)
        gate = (function or {}).get("gate", "second" if "glu" in name else None)
        arguments = f"gate={gate},axis=1" if gate else "axis=1"
        got = target.ask(f"value {name}({arguments})", x)
        if function is None or name in LATER:
            assert isinstance(got, str) and got.startswith("unsupported "), (name, got)
            continue
        assert not isinstance(got, str), (name, got)
        if gate:
            other = arguments.replace(gate, {"first": "second", "second": "first"}[gate])
            assert target.ask(f"value {name}({other})", x).startswith("unsupported "), name
        if "axis" in function:
            assert np.array_equal(target.ask(f"value {name}", x), got), name


def test_a_call_without_arguments_is_what_the_dialect_says(spoken):
    target, dialect, here = spoken
    if dialect["title"] == "oneDNN":
        pytest.skip("oneDNN's alpha and beta have no defaults of use")
    xs, checked = (-2.6, -0.7, 0.3, 1.1, 2.9), []
    for name, function in own(dialect, here).items():
        if not agreement.show(name)["parameters"]:
            continue
        got = target.ask(f"value {name}", np.array(xs, np.float32))
        if isinstance(got, str):  # it has no defaults, or not all
            assert got.startswith(("error TypeError", "unsupported")) or "missing" in got, (name, got)
            continue
        want = agreement.truths(function["is"], "value", xs)
        assert np.allclose(got, want, rtol=1e-5, atol=1e-6), (name, function["is"], got, want)
        checked.append(name)
    assert "leaky_relu" in checked and len(checked) > 2


def test_a_framework_does_what_its_dialect_means(spoken):
    """At all probe points in float32, but for the deviations; and these are still there, at some x."""
    target, dialect, here = spoken
    listed = deviations(dialect, here, np.float32)
    new, met = [], set()
    for name, function in own(dialect, here).items():
        found, _ = agreement.differences(target, dialect, function["is"], np.float32, here,
                                         everywhere=True)
        met |= {place(name, order, x) for order, x, _, _ in found}
        new += [f"{order} of {name} at {x!r}: {got!r}, meant is {want!r}"
                for order, x, got, want in found if place(name, order, x) not in listed]
    assert new == []
    if here["used"] == dialect["checked_with"]:
        # Some x may be fine here: gelu(inf) is NaN in the kernels for AVX-512 only.
        assert {each[:2] for each in listed} - {each[:2] for each in met} == set()


@pytest.mark.parametrize("dtype", [np.float64, np.float16])
def test_kinks_are_the_same_in_other_types(spoken, dtype):
    target, dialect, here = spoken
    if lacks(target, dtype):
        pytest.skip(f"it has no {np.dtype(dtype)}")
    listed, new = deviations(dialect, here, float), []
    for name, function in own(dialect, here).items():
        if agreement.show(function["is"])["kinks"]:
            found, _ = agreement.differences(target, dialect, function["is"], dtype, here)
            new += [(name, *each) for each in found if place(name, *each[:2]) not in listed]
    assert new == []


def other_parameters(some):
    """Doubled; what is 0 becomes something else, and no two the same."""
    return {key: 2 * value or 0.5 ** k for k, (key, value) in enumerate(some.items(), 1)}


def test_a_convention_moves_with_the_parameters(spoken):
    """Kinks again, with other parameters, as far as the operation takes them."""
    target, dialect, here = spoken
    dtype, new = np.float32 if lacks(target, np.float64) else np.float64, []
    of_nan = {listed for listed in deviations(dialect, here, float) if listed[2] == "nan"}
    for name, function in own(dialect, here).items():
        shown = agreement.show(function["is"])
        if shown["kinks"] and shown["parameters"]:
            text = agreement.spelled(name, other_parameters(agreement.parameters(shown)))
            found, _ = agreement.differences(target, dialect, text, dtype, here)
            new += [(text, *each) for each in found
                    if (name, each[1]) != ("celu", 0) and place(name, *each[:2]) not in of_nan]
    assert new == []


def test_a_piece_begins_where_it_is_said_to(spoken):
    """Just above its end the target is the piece to the last bits of float64, just below it is not."""
    target, dialect, here = spoken
    for name, function in own(dialect, here).items():
        text = agreement.spelled(name, agreement.parameters(agreement.show(function["is"])))
        for piece in function.get("pieces", []):
            if not dialects.holds_for(piece, **here):
                continue
            ends = [(piece[key], side) for key, side in (("above", 1), ("below", -1)) if key in piece]
            for end, side in ends:
                xs = [math.nextafter(end, side * math.inf), end - side * 1e-6]
                for order in ("value", "slope"):
                    got = target.ask(f"{order} {text}", np.array(xs))
                    there = agreement.truths(piece["is"], order, tuple(xs))
                    assert abs(got[0] - there[0]) < 1e-15 * abs(there[0]), (name, order)
                    assert abs(got[1] - there[1]) > 1e-11 * abs(there[1]), (name, order)
