"""gradkeep bench: who takes part, what is said of whom, and guests that misbehave."""
# SPDX-License-Identifier: Apache-2.0
import json
import pathlib
import shlex
import sys

import jsonschema
import pytest

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "docs/schema/bench.schema.json"

# A guest that says what it pleases about its speed: elements cost nothing, or a second each. Its
# "copy" is the identity; its "shift" of the identity is one unit in the last place too large.
GUEST = """
import mmap, sys
import numpy as np
print("version Liar\\t1.0", "ready", sep="\\n", flush=True)
for line in sys.stdin:
    word, *rest = line.split()
    if word == "arrays":
        stride = int(rest[1])
        with open(rest[0], "r+b") as file:
            memory = mmap.mmap(file.fileno(), 3 * stride)
    elif word == "prepare":
        n = int(rest[3])
        x, out = (np.frombuffer(memory, np.float32, n, which * stride) for which in (0, 2))
        if rest[0] == "identity" and rest[1] == "forward":
            print("row Liar\\tcopy", "row Liar\\tshift", sep="\\n")
        print("ready", flush=True)
    else:
        row, calls = int(rest[0]), int(rest[1])
        out[:] = np.nextafter(x, np.float32(np.inf)) if row else x
        print("seconds", 1e-12 * calls if row else float(calls * n), flush=True)
"""


@pytest.fixture
def guest(tmp_path):
    (tmp_path / "guest.py").write_text(GUEST)
    return f"{shlex.quote(sys.executable)} {tmp_path}/guest.py"


def entries(result):
    return {(e["peer"], e["how"]): e for e in result["entries"]}


def test_gradkeep_beside_copies(cli):
    told = cli.json("bench", "relu", "gelu", "--elements", 4096, "--rounds", 3)
    passes = [(r["function"], r["pass"]) for r in told["results"]]
    assert passes == [("relu", "forward"), ("relu", "backward"),
                      ("relu", "backward_from_output"), ("gelu", "forward"),
                      ("gelu", "backward")]
    for result in told["results"]:
        found = entries(result)
        assert ("plain copy", "usual stores") in found
        assert (("gradkeep", "exact") in found) == (result["pass"] == "forward")
        ours = found["gradkeep", "fast"]
        assert len(ours["seconds"]) == 3 and ours["call_64"] > 0
        assert ours["ratio"] == 1 and ours["gradkeep"] == "level"
        if result["pass"] != "backward_from_output":
            assert ours["errors"]["ulp"] <= result["claim"]


def test_a_guest_takes_part(cli, guest):
    told = cli.json("bench", "identity", "--pass", "forward", "--elements", 4096, "--guest", guest)
    assert told["versions"] == {"Liar": "1.0"}
    found = entries(told["results"][0])
    slow, quick = found["Liar", "copy"], found["Liar", "shift"]
    assert slow["gradkeep"] == "faster" and slow["ratio"] > 100 and slow["p"] < 0.01
    assert quick["gradkeep"] == "slower" and quick["ratio"] < 1
    assert slow["errors"]["ulp"] == 0 and quick["errors"]["ulp"] == 1
    # A call on one element costs it as much: half of that is taken off.
    assert quick["elements_per_second"] == pytest.approx(4096 / 0.5e-12)


def test_three_rounds_decide_nothing(cli, guest):
    told = cli.json("bench", "identity", "--pass", "forward", "--rounds", 3, "--guest", guest,
                    "--measure", "speed")
    slow = entries(told["results"][0])["Liar", "copy"]
    assert slow["ratio"] > 100 and slow["gradkeep"] == "level" and slow["errors"] is None


def test_errors_alone(cli, guest):
    told = cli.json("bench", "identity", "--pass", "forward", "--guest", guest,
                    "--measure", "errors")
    quick = entries(told["results"][0])["Liar", "shift"]
    assert quick["seconds"] == [] and "ratio" not in quick and quick["errors"]["ulp"] == 1


@pytest.mark.parametrize("type_", ["f64", "bf16", "f16"])
def test_types_and_two_threads(cli, type_):
    told = cli.json("bench", "tanh", "--type", type_, "--threads", 2, "--rounds", 2, "--pass",
                    "backward", "--elements", 100001)
    assert told["type"] == type_ and told["threads"] == 2
    ours = entries(told["results"][0])["gradkeep", "fast"]
    assert ours["errors"]["ulp"] <= told["results"][0]["claim"]


def test_the_table_and_the_file(cli, guest, tmp_path):
    text = cli.text("bench", "identity", "--pass", "forward", "--guest", guest, "--output",
                    tmp_path / "raw.json")
    assert "Liar 1.0" in text and "times faster" in text and "times slower" in text
    assert text.endswith(f"The raw numbers: {tmp_path}/raw.json\n")
    kept = json.loads((tmp_path / "raw.json").read_text())
    jsonschema.validate(kept, json.loads(SCHEMA.read_text()))
    cli.text("bench", "identity", "--rounds", 1, "--measure", "speed", cwd=tmp_path)
    assert len(list((tmp_path / "gradkeep-out").glob("bench-*.json"))) == 1


@pytest.mark.parametrize("command, words", [
    ("true", ["ended"]), ("no-such-program", ["no-such-program", "ended"]),
    ("echo hello; cat", ["hello", "expected"]),
    ("printf 'error no luck\\n'; cat", ["no luck"])])
def test_a_guest_that_is_none(cli, command, words):
    result = cli.run("bench", "relu", "--guest", f"sh -c {shlex.quote(command)}")
    assert result.returncode == 2 and not result.stdout
    assert all(word in result.stderr.splitlines()[-1] for word in words)


@pytest.mark.parametrize("arguments, words", [
    (["--elements", "3"], ["--elements", "3"]), (["--threads", "0"], ["--threads"]),
    (["--pass", "sideways"], ["--pass", "sideways"]), (["--type", "f8"], ["--type", "f8"])])
def test_bad_arguments(cli, arguments, words):
    message = cli.fails("bench", "relu", *arguments)
    assert all(word in message for word in words)
