"""gradkeep plot: pictures that are complete, or not there at all."""
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import re
import struct
import xml.etree.ElementTree as ET

import pytest

SVG = "{http://www.w3.org/2000/svg}"


def test_svg(cli, tmp_path):
    path = tmp_path / "x.svg"
    result = cli.json("plot", "gelu", "silu", "elu(alpha=0.5)", "--title", "It's <a> test", "--grid", "-o", path)
    assert result["orders"] == [0, 1] and result["functions"][2] == "elu(alpha=0.5)"
    root = ET.parse(path).getroot()
    words = "".join(root.itertext())
    for word in ("gelu", "silu", "elu(alpha=0.5)", "f(x)", "f'(x)", "It's <a> test"):
        assert word in words, word
    dashes = set(re.findall(r"stroke-dasharray=\"([^\"]+)\"|stroke-dasharray='([^']+)'", path.read_text()))
    assert len(dashes) >= 3
    assert os.listdir(tmp_path) == ["x.svg"]


def test_png(cli, tmp_path):
    path = tmp_path / "x.png"
    cli.text("plot", "tanh", "--order", "0,1,2", "--overlay", "-o", path)
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG") and data.endswith(b"IEND\xaeB`\x82")
    width, height = struct.unpack(">II", data[16:24])
    assert width > 800 and height > 500


def test_overlay_names_values_and_slopes(cli, tmp_path):
    path = tmp_path / "x.svg"
    cli.text("plot", "relu", "--overlay", "--from", "-2", "--to", ".5", "-o", path)
    words = "".join(ET.parse(path).getroot().itertext())
    assert "relu'" in words


# Each a byte or more that no UTF-8 has: a stray byte, a cut character, a long form, a surrogate, a
# place past the last plane, and U+FFFF, which XML excludes.
@pytest.mark.parametrize("bad", [b"\xff", b"\x80", b"\xc3", b"\xe2\x82", b"\xc0\xaf", b"\xe0\x9f\xbf",
                                 b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xef\xbf\xbf"])
def test_a_title_that_is_no_utf8(cli, tmp_path, bad):
    for rest in (b"", b"ab"):
        message = cli.fails("plot", "tanh", "--title", os.fsdecode("é".encode() + bad + rest),
                            "-o", tmp_path / "x.svg", env={"LC_ALL": "C.UTF-8"})
        assert "--title has no character of UTF-8 at byte 3: expected" in message
    assert os.listdir(tmp_path) == []


def test_a_title_in_any_script(cli, tmp_path):
    path, title = tmp_path / "x.svg", "é ¢ ࠀ € 漢字 \ud7ff \ue000 \ufffd 𝜎 \U0010fffd"
    cli.text("plot", "tanh", "--title", title, "-o", path)
    assert title in "".join(ET.parse(path).getroot().itertext())


def test_a_file_name_that_is_no_utf8(cli, tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xc3\xa9.svg")
    assert cli.json("plot", "tanh", "-o", path)["file"].endswith("/\ufffdé.svg")
    assert os.path.getsize(path) > 1000


def test_bad_input(cli, tmp_path):
    path = tmp_path / "x.svg"
    assert ".svg" in cli.fails("plot", "tanh", "-o", tmp_path / "x.pdf")
    assert "--order" in cli.fails("plot", "tanh", "--order", "3", "-o", path)
    assert "--from" in cli.fails("plot", "tanh", "--from", "2", "--to", "1", "-o", path)
    assert "--from" in cli.fails("plot", "tanh", "--from", "nan", "-o", path)
    assert "nowhere" in cli.fails("plot", "tanh", "-o", tmp_path / "nowhere" / "x.svg")
    assert "gnuplot" in cli.fails("plot", "tanh", "-o", path, env={"PATH": str(tmp_path)})
    assert list(pathlib.Path(tmp_path).iterdir()) == []


def test_an_old_picture_survives_a_failure(cli, tmp_path):
    path = tmp_path / "x.svg"
    path.write_text("old")
    cli.fails("plot", "tanh", "-o", path, env={"PATH": str(tmp_path)})
    assert path.read_text() == "old"
