"""gradkeep check TARGET: what it prints and writes, and how it refuses."""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import sys
import xml.etree.ElementTree

import pytest

PYTHON = pathlib.Path(sys.executable)
# Answers everything with ones.
ONES = """
import struct, sys
while line := sys.stdin.buffer.readline():
    fixed = sys.stdin.buffer.read(10)
    head = sys.stdin.buffer.read(struct.unpack("<H", fixed[8:])[0])
    n, code = int(head.split(b"(")[1].split(b",")[0]), head.split(b"'")[3]
    sys.stdin.buffer.read(n * int(code[2:]))
    one = {b"<f4": b"\\x00\\x00\\x80\\x3f", b"<f8": bytes(6) + b"\\xf0\\x3f", b"<f2": b"\\x00\\x3c",
           b"<V2": b"\\x80\\x3f"}[code]
    sys.stdout.buffer.write(b"Ones 1.0\\n" if line.startswith(b"describe") else fixed + head + n * one)
    sys.stdout.buffer.flush()
"""


@pytest.fixture
def ones(tmp_path):
    file = tmp_path / "ones.py"
    file.write_text(ONES)
    return f"{PYTHON} {file}"


def test_this_build_conforms(cli):
    report = cli.json("check", "self", "gelu", "hard_tanh", "--budget", "0.1s", "--only", "value,slope")
    assert (report["mode"], report["conforms"], len(report["results"])) == ("conformance", True, 16)
    assert report["inputs"] > 1_000_000
    assert all(row["supported"] and not row["findings"] for row in report["results"])
    assert all(0 < row["max_ulp"] <= 2 for row in report["results"] if row["function"] == "gelu")


# Softmax without subtracting the largest, of arrays of two axes.
BARE = """
import ast, sys
import numpy as np
np.seterr(all="ignore")
while line := sys.stdin.buffer.readline():
    fixed = sys.stdin.buffer.read(10)
    head = sys.stdin.buffer.read(int.from_bytes(fixed[8:], "little"))
    array = ast.literal_eval(head.decode())
    x = np.frombuffer(sys.stdin.buffer.read(4 * int(np.prod(array["shape"]))), "<f4").reshape(array["shape"])
    if line.startswith(b"value softmax(axis="):
        e = np.exp(x)
        answer = fixed + head + (e / e.sum(int(line[19:20]), keepdims=True)).astype("<f4").tobytes()
    else:
        answer = b"unsupported only softmax\\n"
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
"""


def test_rows_are_reported_by_their_elements(cli, tmp_path):
    (tmp_path / "bare.py").write_text(BARE)
    target, failures = f"{PYTHON} {tmp_path}/bare.py", tmp_path / "failures.txt"
    how = ["softmax", "gelu", "--types", "f32", "--budget", "0.1s"]
    report = cli.json("check", target, *how, "--failures", failures, status=1)
    [row] = [row for row in report["results"] if row["supported"]]
    assert (row["function"], row["what"], row["conforms"]) == ("softmax", "value", False)
    found = {finding["kind"]: finding for finding in row["findings"]}
    assert {"nan", "lost"} <= set(found)
    assert " of a row of " in found["nan"]["where"] and found["nan"]["where"] in found["nan"]["text"]
    again = cli.json("check", target, "--replay", failures, status=1)
    assert len(again["results"]) == len(row["findings"]) and again["inputs"] <= 4000
    kinds = {finding["kind"] for row in again["results"] for finding in row["findings"]}
    assert {"nan", "lost"} <= kinds  # what depends on the rows beside it is not seen alone
    told = cli.run("check", target, "glu", "--types", "f32").stdout
    assert 'asked for "value glu(gate=second,axis=1)", the target said: unsupported only softmax' in told
    right = cli.json("check", "self", "softmax", "glu(gate=first)", "--types", "f32,f16", "--budget", "0.1s")
    assert right["conforms"] and len(right["results"]) == 8
    assert 0 < right["results"][0]["sum_error"] < 1e-6


def test_a_wrong_target_does_not(cli, ones, tmp_path):
    files = {name: tmp_path / name for name in ("report.md", "report.xml", "report.html", "failures.txt")}
    result = cli.run("check", ones, "sigmoid", "--types", "f32,bf16", "--budget", "0.1s",
                     "--markdown", files["report.md"], "--junit", files["report.xml"],
                     "--html", files["report.html"], "--failures", files["failures.txt"])
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.startswith("Ones 1.0, dialect limit, tolerance 2 ulp")
    assert "beyond the tolerance" in result.stdout and "a number where NaN is due" in result.stdout
    assert "| sigmoid | slope | f32 |" in files["report.md"].read_text()
    page = files["report.html"].read_text()
    assert page.count("<svg") == 10 and page.count("class='over'") > 1000 and "src=" not in page
    suite = xml.etree.ElementTree.parse(files["report.xml"]).getroot()
    cases = suite.findall("testcase")
    # Value, slope, curvature, slope and curvature from the output.
    assert int(suite.get("failures")) == len(cases) == 10
    assert all(case.find("failure") is not None for case in cases)
    again = cli.json("check", ones, "--replay", files["failures.txt"], status=1)
    assert 10 <= again["inputs"] <= 40
    assert not any(row["conforms"] for row in again["results"])


def test_a_dialect_decides_at_kinks(cli, ones):
    def kinds(dialect):
        report = cli.json("check", ones, "relu", "--only", "slope", "--types", "f16", "--budget", "0.1s",
                          "--dialect", dialect, status=1)
        return {finding["x"]["value"] for finding in report["results"][0]["findings"]
                if finding["kind"] == "number"}

    assert kinds("limit") == {"nan"}
    assert kinds("torch") == set()  # there relu'(NaN) is 1


def test_the_tolerance_decides(cli):
    arguments = ("check", "self", "softplus", "--only", "value", "--types", "f32", "--budget", "0.1s")
    assert cli.run(*arguments, "--tolerance", "2ulp").returncode == 0
    assert cli.run(*arguments, "--tolerance", "0.5ulp").returncode == 1
    assert cli.run(*arguments, "--tolerance", "0.5ulp", "--tier", "exact").returncode == 0


@pytest.mark.parametrize(("arguments", "said"), [
    (["self", "geluu"], "gelu"),
    (["self", "gelu", "--tolerance", "-1"], "--tolerance is -1, expected 0.5ulp or more"),
    (["self", "gelu", "--tolerance", "2cm"], "--tolerance is 2cm, expected 0.5ulp or more"),
    (["self", "gelu", "--budget", "soon"], "--budget is soon, expected a time, as in 10s or 5min"),
    (["self", "gelu", "--timeout", "0s"], "--timeout is 0s, expected a time"),
    (["self", "gelu", "--only", "jerk"], "unknown quantity 'jerk': expected value, slope, curvature, slope_from_output"),
    (["self", "gelu", "--types", "f31"], "unknown number format 'f31': expected f32, f64, f16 or bf16"),
    (["self", "gelu", "--dialect", "klingon"], "no dialect 'klingon': expected jax, keras"),
    (["./not-there.so", "gelu"], "there is no file ./not-there.so"),
    (["./mine.so", "--exhaustive"], "expected check self, not check ./mine.so"),
    (["self", "--replay", "no-such-file"], "cannot read no-such-file"),
    (["self", "gelu", "--replay", "no-such-file"], "expected no NAME beside it"),
    (["self", "gelu", "--exhaustive", "--digest"], "exclude each other"),
])
def test_wrong_use_is_one_line(cli, arguments, said):
    assert said in cli.fails("check", *arguments)


@pytest.mark.parametrize(("line", "said"), [
    ("slope gelu f32 0xzz", "line 2: '0xzz' are no bits of f32"),
    ("slope gelu f31 0x00", "line 2: unknown number format 'f31': expected f32, f64"),
    ("jerk gelu f32 0x00", "line 2: unknown quantity 'jerk': expected value, slope"),
    ("slope geluu f32 0x00", "line 2: unknown activation function 'geluu'"),
    ("parameter_slope elu f32 0x00", "line 2: parameter_slope of which parameter"),
    ("", "holds no inputs to visit"),
])
def test_a_wrong_replay_names_its_line(cli, tmp_path, line, said):
    file = tmp_path / "failures.txt"
    file.write_text(f"# comment\n{line}\n")
    assert said in cli.fails("check", "self", "--replay", file)
