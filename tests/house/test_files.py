"""Every file is one subject under 500 lines, says its licence, and leaves nothing for later."""
# SPDX-License-Identifier: Apache-2.0

import re

SOURCE = {".h", ".c", ".cc", ".py", ".ts", ".js", ".mjs", ".css", ".html", ".cmake", ".sh", ".sollya"}
# Written by tools or by others: their length and licence are not ours to shape.
FOREIGN = {"LICENSE", "package-lock.json"}


def is_source(file):
    return (file.suffix in SOURCE or file.name == "CMakeLists.txt"
            or file.read_text()[:2] == "#!")


def test_a_source_names_its_licence_on_a_line_of_its_own(own_files, root):
    tag = re.compile(r"^\W*SPDX-License-" r"Identifier: Apache-2\.0\W*$", re.MULTILINE)
    assert not [str(file.relative_to(root)) for file in own_files
                if is_source(file) and len(tag.findall(file.read_text())) != 1]


def test_a_file_stays_under_500_lines(own_files, root):
    long = [f"{file.relative_to(root)}: {lines} lines" for file in own_files
            if is_source(file) and file.name not in FOREIGN
            and (lines := file.read_text().count("\n")) >= 500]
    assert not long


def test_nothing_is_left_for_later(own_files, root):
    words = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
    found = [f"{file.relative_to(root)}: {match[0]}" for file in own_files
             if file.name not in FOREIGN for match in [words.search(file.read_text())] if match]
    assert not found


def test_lines_end_cleanly(own_files, root):
    untidy = []
    for file in own_files:
        text = file.read_text()
        if text and file.name not in FOREIGN and (
                not text.endswith("\n") or re.search(r"[ \t]+$", text, re.MULTILINE)):
            untidy.append(str(file.relative_to(root)))
    assert not untidy


def test_scripts_say_how_to_run_them(own_files, root):
    scripts = [file for file in own_files if file.read_text()[:2] == "#!"]
    assert not [str(file.relative_to(root)) for file in scripts if not file.stat().st_mode & 0o100]


def test_the_lock_file_names_no_host(root):
    assert '"resolved"' not in (root / "report" / "charts" / "package-lock.json").read_text()
