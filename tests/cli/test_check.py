"""gradkeep check and selftest: proofs of the exact tier, kept, resumed and compared by digest."""
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROOFS = sorted((ROOT / "check/proofs").glob("*.txt"))
FULL = 6


def seconds(file):
    return sum(float(s) for s in re.findall(r"^seconds (\S+)$", file.read_text(), re.MULTILINE))


def rotating():
    """Six of the proved functions, other ones with each commit, cheap and dear ones together; not those
    whose ties, a hundred million of them, go to Arb one by one and take minutes."""
    count = subprocess.run(["git", "-C", ROOT, "rev-list", "--count", "HEAD"],
                           capture_output=True, text=True, check=False).stdout.strip()
    names = [file.stem for file in sorted(PROOFS, key=seconds) if seconds(file) < 60]
    start = int(count or time.time() // 86400)
    return sorted({names[(start + k * (len(names) // FULL)) % len(names)] for k in range(FULL)})


def digests(text, order):
    block = text[text.index(f"order {order}\n"):].split("\norder ")[0]
    return re.findall(r"\b[0-9a-f]{16}\b", block)


def test_six_functions_in_full(cli, tmp_path):
    names = rotating()
    result = cli.json("check", "self", *names, "--exhaustive", "--folder", tmp_path)
    assert [(row["function"], row["order"]) for row in result["results"]] == [
        (name, order) for name in names for order in (0, 1)]
    for row in result["results"]:
        assert (row["inputs"], row["misrounded"], row["wrong"]) == (2**32, 0, [])
        # A block's polynomial settles nearly all.
        assert row["escalations"] < 20_000_000
    for name in names:
        fresh, stored = ((folder / f"{name}.txt").read_text()
                         for folder in (tmp_path, ROOT / "check/proofs"))
        for order in (0, 1):
            assert len(digests(fresh, order)) == 256
            assert digests(fresh, order) == digests(stored, order), (name, order)
    assert not list(tmp_path.glob("*.part"))


def test_a_range_of_every_proof_by_digest(cli):
    result = cli.json("check", "self", *[file.stem for file in PROOFS], "--digest", "--range", "40")
    assert len(result["results"]) == 2 * len(PROOFS)
    assert all(row["differing"] == [] for row in result["results"])


@pytest.mark.parametrize("target", ["AVX2", "SSE4", "SCALAR"])
def test_other_targets_prove_themselves(cli, target):
    known = cli.run("list", env={"GRADKEEP_TARGET": target})
    if known.returncode != 0:
        pytest.skip(f"{target} is not to be had here")
    text = cli.text("check", "self", PROOFS[0].stem, PROOFS[-1].stem, "--digest", "--range", "bf-c0",
                    env={"GRADKEEP_TARGET": target})
    assert text.count(f"2 of 2 digests agree on {target}") == 4


def test_an_interrupted_proof_goes_on(cli, tmp_path):
    arguments = ["check", "self", "relu", "--exhaustive", "--order", "0", "--folder", tmp_path]
    process = subprocess.Popen([cli.program, *map(str, arguments), "--threads", "1"],
                               stderr=subprocess.PIPE, text=True)
    part = tmp_path / "relu.0.part"
    while not part.exists() or part.read_text().count("\n") < 4:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert "the same command continues" in process.communicate()[1]
    assert process.returncode == 2
    lines = part.read_text().splitlines()
    # A tampered range shows that it was not computed again.
    lines[1] = re.sub(r"^0 \d+", "0 12345", lines[1])
    part.write_text("\n".join(lines) + "\n")
    assert "4294967296 inputs, 0 misrounded" in cli.text(*arguments)
    assert digests((tmp_path / "relu.txt").read_text(), 0)[0] == f"{12345:016x}"
    assert not part.exists()


def test_a_changed_digest_is_found(cli, tmp_path):
    """The stored digests are part of the program: one changed there is one that differs."""
    [proof] = [p for p in PROOFS if p.stem == "softplus"]  # whose values no other function shares
    known = digests(proof.read_text(), 0)[0x41].encode()
    program = pathlib.Path(cli.program).read_bytes()
    assert program.count(known) == 1
    other = tmp_path / "gradkeep"
    other.write_bytes(program.replace(known, known[::-1]))
    other.chmod(0o755)
    result = subprocess.run([other, "check", "self", proof.stem, "--digest", "--order", "0",
                             "--range", "40-42"], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "2 of 3 digests agree" in result.stdout and "; not 41" in result.stdout


def test_selftest(cli):
    result = cli.json("selftest", "--seconds", "3")
    assert result["proofs"] == 2 * len(PROOFS)
    assert result["ranges"] == 256 * result["proofs"]
    for target in result["targets"]:
        assert target["computed"] > 0 and target["differing"] == []
    assert "ranges agree with the proofs" in cli.text("selftest", "--seconds", "1")


def test_the_ledger_is_the_stored_proofs(cli):
    text = cli.text("check", "ledger")
    assert text == (ROOT / "docs/exactness.md").read_text()
    rows = [line for line in text.splitlines() if re.match(r"\| \w+ \| (value|slope) ", line)]
    assert len(rows) == 2 * len(PROOFS)
    assert all("| 4294967296 | 0 |" in row for row in rows)


@pytest.mark.parametrize("arguments, words", [
    (["self", "--digest"], "NAME"), (["other", "relu"], "other"),
    (["self", "relu", "--digest", "--range", "xy"], "--range is xy"),
    (["self", "relu", "--digest", "--range", "4-3"], "--range is 4-3"),
    (["self", "elu(alpha=0.5)", "--digest"], "expected elu"),
    (["self", "relu", "--digest", "--threads", "-1"], "--threads is -1")])
def test_wrong_use(cli, arguments, words):
    assert words in cli.fails("check", *arguments)
