"""The coefficients in core/vocabulary-inl.h are those that tools/polynomials.sollya makes.

Two of its fourteen polynomials are made again here; all fourteen take minutes.
"""
# SPDX-License-Identifier: Apache-2.0

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEX = re.compile(r"-?0x[0-9a-f.]+p[+-]?\d+|-?0x\d+")


@pytest.mark.skipif(shutil.which("sollya") is None, reason="needs Debian's package sollya")
def test_two_polynomials_are_what_sollya_makes():
    script = (ROOT / "tools/polynomials.sollya").read_text()
    kept = script[: script.index("// (atanh(s)")] + "quit;\n"
    made = subprocess.run(["sollya"], input=kept, capture_output=True, text=True, check=True).stdout
    coefficients = [float.fromhex(h) for h in HEX.findall(made)]
    assert len(coefficients) == 6 + 11
    held = {float.fromhex(h) for h in HEX.findall((ROOT / "core/vocabulary-inl.h").read_text())}
    held.add(0.5)  # written in decimal there
    assert [c for c in coefficients if c not in held] == []
