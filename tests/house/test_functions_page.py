"""docs/functions.md and its pictures tell of this program: they are what tools/functions_page makes
today."""
# SPDX-License-Identifier: Apache-2.0

import json
import re
import xml.etree.ElementTree as ET

import pytest

SIGNATURE = re.compile(r"<desc>Produced by (GNUPLOT .*?)\s*</desc>")


@pytest.fixture(scope="module")
def fresh(root, cli, execute, tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    pictures = folder / "images" / "functions"
    pictures.mkdir(parents=True)
    (pictures / "gone.svg").write_text("of a function that was removed")
    execute(root / "tools" / "functions_page", cli, folder)
    return folder


def pictures(folder):
    return {file.name: file.read_text()
            for file in (folder / "images" / "functions").iterdir()}


def test_the_page_is_what_the_program_says(root, fresh):
    assert (fresh / "functions.md").read_text() == (root / "docs" / "functions.md").read_text()


def test_every_function_has_a_section_and_a_picture(root, cli, execute):
    names = [f["name"] for f in json.loads(execute(cli, "list", "--json"))["functions"]]
    page = (root / "docs" / "functions.md").read_text()
    assert re.findall(r"^## (\w+)$", page, flags=re.MULTILINE) == names
    assert re.findall(r'<img .*? src="images/functions/(\w+)\.svg"', page) == names
    assert set(re.findall(r"\]\(#(\w+)\)", page)) == set(names)
    assert sorted(pictures(root / "docs")) == sorted(name + ".svg" for name in names)


def test_the_pictures_are_what_the_program_draws(root, fresh):
    kept, drawn = pictures(root / "docs"), pictures(fresh)
    assert sorted(kept) == sorted(drawn)
    [by_then], [by_now] = ({SIGNATURE.search(text)[1] for text in some.values()}
                           for some in (kept, drawn))
    if by_then != by_now:
        pytest.skip(f"the pictures were drawn by {by_then}, here is {by_now}: other bytes are no fault")
    assert [name for name in kept if kept[name] != drawn[name]] == []


def test_pictures_suit_any_page(root):
    """Small, of one size, with nothing painted behind the curves."""
    for name, text in pictures(root / "docs").items():
        picture = ET.fromstring(text)
        assert (picture.get("width"), picture.get("height")) == ("420", "240"), name
        assert len(text) < 16_000, name
        assert '<rect x="0" y="0" width="420" height="240" fill="none"/>' in text, name
        words = {"".join(text.itertext()).strip() for text in picture.iter("{http://www.w3.org/2000/svg}text")}
        assert {"f(x)", "f'(x)", "f''(x)"} <= words, name
