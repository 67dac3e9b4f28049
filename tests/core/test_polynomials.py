"""The coefficients in core/vocabulary-inl.h and core/trigonometry-inl.h are those that
tools/polynomials.sollya makes.

Its first two polynomials and its last two are made again here; all of them take minutes.
"""
# SPDX-License-Identifier: Apache-2.0

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEX = re.compile(r"-?0x[0-9a-f.]+p[+-]?\d+|-?0x\d+")


def made_by(script):
    kept = script + "quit;\n"
    made = subprocess.run(["sollya"], input=kept, capture_output=True, text=True, check=True).stdout
    return [float.fromhex(h) for h in HEX.findall(made)]


def held_in(header):
    held = {float.fromhex(h) for h in HEX.findall((ROOT / "core" / header).read_text())}
    return held | {0.5}  # written in decimal there


@pytest.mark.skipif(shutil.which("sollya") is None, reason="needs Debian's package sollya")
def test_polynomials_are_what_sollya_makes():
    script = (ROOT / "tools/polynomials.sollya").read_text()
    head = script[: script.index("// (e^r - 1 - r)")]
    exponentials = script[: script.index("// (atanh(s)")]
    sines = head + script[script.index("// (sin(r) / r - 1)") :]
    for text, count, header in (
        (exponentials, 6 + 9 + 11, "vocabulary-inl.h"),
        (sines, 5 + 8, "trigonometry-inl.h"),
    ):
        coefficients = made_by(text)
        assert len(coefficients) == count
        held = held_in(header)
        assert [c for c in coefficients if c not in held] == []
