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


def words(path):
    return {"".join(text.itertext()).strip() for text in ET.parse(path).getroot().iter(SVG + "text")}


def test_overlay_names_values_and_slopes(cli, tmp_path):
    path = tmp_path / "x.svg"
    cli.text("plot", "relu", "elu(alpha=0.5)", "--overlay", "--from", "-2", "--to", ".5", "-o", path)
    assert {"relu", "relu'", "elu(alpha=0.5)", "elu(alpha=0.5)'"} <= words(path)
    # The name of one function alone is above, and the curves are named more briefly.
    cli.text("plot", "elu(alpha=0.5)", "--overlay", "-o", path)
    assert {"elu(alpha=0.5)", "f(x)", "f'(x)"} <= words(path)


def test_size(cli, tmp_path):
    path = tmp_path / "x.svg"
    cli.text("plot", "tanh", "--size", "300x200", "-o", path)
    root = ET.parse(path).getroot()
    assert (root.get("width"), root.get("height")) == ("300", "200")
    path = tmp_path / "x.png"
    cli.text("plot", "tanh", "--size", "300x200", "-o", path)
    assert struct.unpack(">II", path.read_bytes()[16:24]) == (600, 400)


@pytest.mark.parametrize("size", ["300", "300x", "x300", "300x20", "300x20000", "300 x 200", "300x200x", "-300x200", ""])
def test_a_size_that_is_none(cli, tmp_path, size):
    message = cli.fails("plot", "tanh", "--size=" + size, "-o", tmp_path / "x.svg")
    assert f"--size is {size}, expected WxH" in message


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_transparent_pictures_are_seen_on_light_and_on_dark(cli, tmp_path):
    path = tmp_path / "x.svg"
    cli.text("plot", "gelu", "silu", "mish", "elu", "selu", "celu", "relu", "tanh", "--transparent", "--grid",
             "--title", "T", "-o", path)
    text = path.read_text()
    assert re.search(r'<rect x="0" y="0" [^>]*fill="none"/>', text) and "#ffffff" not in text.lower()
    colours = {tuple(map(int, found)) for found in re.findall(r"rgb\(\s*(\d+),\s*(\d+),\s*(\d+)\)", text)}
    assert len(colours) >= 9
    for colour in colours:
        assert 1.05 / (luminance(colour) + 0.05) > 2.9, colour  # on white
        assert (luminance(colour) + 0.05) / (luminance((13, 17, 23)) + 0.05) > 2.9, colour  # on a dark page


def curve(path, title):
    """The vertical places of a curve's points, in pixels; its sample in the legend is one of them."""
    [group] = [g for g in ET.parse(path).getroot().iter(SVG + "g") if g.findtext(SVG + "title") == title]
    drawn = "".join(p.get("d", "") for p in group.iter(SVG + "path"))
    return [float(y) for y in re.findall(r"[ML ][-\d.]+,([-\d.]+)", drawn)]


def test_a_spike_of_the_curvature_flattens_no_values(cli, tmp_path):
    path = tmp_path / "x.svg"
    spiky = "improved_sigmoid(alpha=100)"
    cli.text("plot", spiky, "--any-parameters", "--order", "0,2", "--overlay", "-o", path)
    values = curve(path, "f(x)")[2:]  # without the legend's
    assert max(values) - min(values) > 50
    cli.text("plot", spiky, "--any-parameters", "--order", "2", "-o", path)
    assert "800" in words(path)


def test_curves_are_cut(cli, tmp_path):
    path = tmp_path / "x.svg"
    cli.text("plot", "exponential", "--order", "0", "-o", path)
    assert "50" in words(path)
    cli.text("plot", "exponential", "--order", "0", "--top", "6", "-o", path)
    assert "50" not in words(path) and "6" in words(path)
    cli.text("plot", "exponential", "--order", "0", "--to", "709", "--top", "6", "-o", path)
    assert len(curve(path, "exponential")) > 5  # also where the rest is too large for pixels
    cli.text("plot", "gaussian", "--order", "2", "-o", path)
    assert "-1.5" in words(path)
    cli.text("plot", "gaussian", "--order", "2", "--bottom", "-1", "-o", path)
    assert "-1.5" not in words(path) and "-0.8" in words(path)
    for wrong in (["--bottom", "1"], ["--top", "-1"], ["--bottom", "0", "--top", "0"], ["--top", "nan"]):
        assert "0 between them" in cli.fails("plot", "tanh", *wrong, "-o", path)


def test_samples_that_nobody_sees_are_left_out(cli, tmp_path):
    path = tmp_path / "x.svg"
    cli.text("plot", "identity", "--order", "0", "-o", path)
    assert len(curve(path, "identity")) == 4  # two of them in the legend
    cli.text("plot", "sine", "--order", "0", "-o", path)
    assert 30 < len(curve(path, "sine")) < 200


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
