"""docs/claims.md is checked as it stands: commands print what it shows, numbers are somebody's.

A section says one statement, a verdict, an explanation, commands and, where these do not show every
number, a table `| number | what | test |` whose names are known to claims_theory.cc or
claims_networks.cc (claims_test.cc recomputes them). A number in an explanation has to be in the
section's commands, in their outputs or in its table, rounded as it likes; so none is without a test.
"""
# SPDX-License-Identifier: Apache-2.0

import decimal
import re
import shlex
import subprocess

import pytest

VERDICTS = {"False.", "Holds.", "Holds if"}
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\d.]*\w)( %)?")
COUNTING = {"-1", "0", "1", "2"}


class Section:
    def __init__(self, heading, text):
        self.number, self.statement = re.fullmatch(r'(\d+)\. "(.+)"', heading).groups()
        self.consoles = re.findall(r"^```console\n(.*?)^```$", text, re.M | re.S)
        self.rows = re.findall(r"^\| (.*\d.*) \| (.+) \| `(\w+)` \|$", text, re.M)
        prose = re.sub(r"^```.*?^```$|^\|.*$|^## .*", "", text, flags=re.M | re.S)
        self.verdict, self.explanation = re.match(r"\s*\*\*(.+?)\*\*(.*)", prose, re.S).groups()

    def commands(self):
        """(words after "gradkeep", the lines shown below) of every command."""
        for console in self.consoles:
            for part in re.split(r"^\$ gradkeep ", console, flags=re.M)[1:]:
                command, *output = part.splitlines()
                yield shlex.split(command), output


def sections(root):
    text = (root / "docs" / "claims.md").read_text()
    parts = re.split(r"^### (.+)$", text, flags=re.M)
    return [Section(*pair) for pair in zip(parts[1::2], parts[2::2])]


def pytest_generate_tests(metafunc):
    if "section" in metafunc.fixturenames:
        from conftest import ROOT
        found = sections(ROOT)
        metafunc.parametrize("section", found, ids=[section.number for section in found])


def numbers(text):
    """(number, as it is written) pairs; per cent are hundredths."""
    for match in NUMBER.finditer(text):
        written = match[0].removesuffix(" %")
        yield decimal.Decimal(written) / (100 if match[1] else 1), match[0]


def rounds_to(exact, number, written):
    digits = decimal.Decimal(written.removesuffix(" %"))
    place = digits.as_tuple().exponent - (2 if written.endswith("%") else 0)
    return exact.quantize(decimal.Decimal(1).scaleb(place)) == number


def matches(shown, printed):
    """Whether the lines are those printed, where "..." stands for any of them."""
    pattern = "".join(r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in shown)
    return re.fullmatch(pattern, printed)


def test_there_are_some_twenty(root):
    assert [section.number for section in sections(root)] == [
        str(k + 1) for k in range(len(sections(root)))]
    assert len(sections(root)) >= 20


def test_the_list_at_the_top_is_that_of_the_sections(root):
    text = (root / "docs" / "claims.md").read_text()
    listed = re.findall(r"^\| (\d+) \| (.+) \| (false|holds|holds if) \|$", text, re.M)
    assert listed == [(s.number, s.statement, s.verdict.rstrip(".").lower()) for s in sections(root)]


def test_it_has_a_verdict_a_number_and_a_command(section):
    assert section.verdict in VERDICTS
    assert list(section.commands())
    assert 2 <= len(re.findall(r"[.!](?= |$)", section.explanation, re.M)) <= 5
    assert section.rows or list(numbers("\n".join(section.consoles)))


def test_commands_print_what_is_shown(section, root, cli, tmp_path):
    for words, shown in section.commands():
        if words[0] == "study":
            assert not shown and (root / "lab" / "studies" / f"{words[1]}.toml").is_file()
            continue
        done = subprocess.run([cli, *words], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        if words[0] != "table":  # tells the time, which is not ours to promise
            assert matches(shown, done.stdout), (words, done.stdout)


def test_every_number_has_a_test(section):
    rows = "\n".join(number + "\n" + what for number, what, _ in section.rows)
    tested = [number for number, _ in numbers("\n".join(section.consoles) + "\n" + rows)]
    for number, written in numbers(section.statement + "\n" + section.explanation):
        assert written in COUNTING or any(rounds_to(t, number, written) for t in tested), written


@pytest.mark.parametrize("written, exact, same", [
    ("0.236", "0.23605", True), ("0.236", "0.2366", False), ("9.8e-04", "9.766e-4", True),
    ("9.8e-04", "9.9e-4", False), ("28.7 %", "0.28732", True), ("28.7 %", "0.2863", False),
    ("-0.18", "-0.182", True), ("-0.18", "0.182", False)])
def test_rounding_is_as_written(written, exact, same):
    [(number, text)] = numbers(f"so it is {written}, they say")
    assert text == written and rounds_to(decimal.Decimal(exact), number, written) is same
