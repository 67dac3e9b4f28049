"""How the program behaves whatever the verb: help, errors, streams, terminals."""
# SPDX-License-Identifier: Apache-2.0
import os
import subprocess

import pytest

VERBS = ["list", "show", "eval", "table", "plot", "chain", "predict", "critical", "phase", "gain", "moments", "spectrum", "study", "report", "train", "bench", "check", "selftest"]


def test_version_and_credits(cli):
    assert cli.text("--version").startswith("gradkeep 0.")
    credits = cli.text("--credits")
    assert credits.count("CC BY 4.0") == 3
    for maker in ["Alpaydin", "Hofmann", "Groemping", "Wolberg"]:
        assert maker in credits


def test_help_begins_with_examples(cli):
    assert cli.text("--help").startswith("Examples:\n  gradkeep ")
    for verb in VERBS:
        text = cli.text(verb, "--help")
        assert text.startswith(f"Examples:\n  gradkeep {verb}"), verb
        assert "--json" in text
        assert f"  {verb} " in cli.text("--help")


def test_no_verb_shows_the_help(cli):
    result = cli.run()
    assert result.returncode == 2
    assert "Examples" in result.stderr and not result.stdout


@pytest.mark.parametrize("arguments, suggestion", [
    (["shw", "gelu"], "show"), (["plott"], "plot"), (["shwo"], "show"), (["polt"], "plot"), (["show", "gelo"], "gelu"),
    (["show", "sigmod"], "sigmoid"), (["eval", "tanh", "1", "--oder", "1"], "--order"),
    (["chain", "tanh", "--layer", "3"], "--layers"), (["study", "dept"], "depth"), (["study", "dpeth"], "depth")])
def test_did_you_mean(cli, arguments, suggestion):
    message = cli.fails(*arguments)
    assert "did you mean" in message and suggestion in message


@pytest.mark.parametrize("arguments, words", [
    (["frobnicate"], ["frobnicate"]), (["show"], ["NAME"]), (["show", "gelu", "tanh"], ["tanh"]),
    (["show", "elu(alpa=2)"], ["alpa", "did you mean 'alpha'"]), (["show", "elu(alpha=0.5"], ["elu(alpha=0.5"]), (["show", "elu(alpha=-1)"], ["alpha", "-1"]),
    (["show", "elu(1,2,3)"], ["elu"]), (["show", "elu(alpha=x)"], ["x"]), (["show", ""], []),
    (["show", "improved_sigmoid(alpha=7)"], ["alpha", "7", "(1, 5)"]),
    (["show", "improved_sigmoid(alpha=inf)", "--any-parameters"], ["alpha"]),
    (["eval", "tanh"], ["X"]), (["eval", "tanh", "1", "--order", "3"], ["--order", "3"]),
    (["eval", "tanh", "1", "--type", "f16"], ["--type", "f16"]),
    (["eval", "tanh", "1", "--tier", "best"], ["--tier", "best"]),
    (["table"], ["NAME"]), (["table", "nosuch"], ["nosuch"]), (["plot", "tanh"], ["-o"]),
    (["--frobnicate"], ["--frobnicate"]), (["study", "missing.toml"], ["missing.toml"]),
    (["report", "missing.sqlite"], ["missing.sqlite"]), (["train", "missing.toml"], ["missing.toml"])])
def test_bad_input_is_one_line(cli, arguments, words):
    message = cli.fails(*arguments)
    for word in words:
        assert word in message


@pytest.mark.parametrize("arguments, message", [
    (["chain", "tanh", "--layers", "-1"], "--layers is -1, expected"),
    (["chain", "tanh", "--layers=-1"], "--layers is -1, expected"),
    (["chain", "tanh", "--layers", "1e18"], "--layers is 1e18, expected a whole number from 1 to 9007199254740992"),
    (["plot", "tanh", "--from", "-inf", "-o", "x.svg"], "--from is -inf, expected"),
    (["eval", "tanh", "1", "--order"], "--order lacks its value: expected 0|1|2 ("),
    (["plot", "tanh", "--order", "-o", "x.svg"], "--order lacks its value: expected 0,1,2 before -o ("),
    (["plot", "tanh", "-o", "--", "x.svg"], "-o lacks its value: expected x.svg|x.png before -- ("),
    (["eval", "tanh", "1", "--order", "1", "--order=2"], "--order is given twice ("),
    (["eval", "tanh", "1", "--json=yes"], "--json takes no value ("),
    (["eval", "tanh", "-1x"], "X '-1x' is not a number"),
    (["eval", "tanh", "-x"], "unknown option -x ("),
    (["show", "gelu", "--", "--json"], "'--json' is one argument too many (")])
def test_messages_say_what_was_typed(cli, arguments, message):
    assert cli.fails(*arguments).startswith(f"gradkeep: {message}")


def test_any_parameters(cli):
    cli.fails("eval", "improved_sigmoid(alpha=7)", "0")
    result = cli.json("eval", "improved_sigmoid(alpha=7)", "0", "--any-parameters")
    assert result["parameters"]["alpha"] == 7


def test_full_disk(cli):
    with open("/dev/full", "w") as full:
        assert "standard output" in cli.run("list", stdout=full).stderr
        assert cli.run("list", stdout=full).returncode == 2


def test_closed_pipe(cli):
    read, write = os.pipe()
    os.close(read)
    result = cli.run("table", "tanh", stdout=write)
    os.close(write)
    assert result.returncode == 2 and result.stderr.count("\n") == 1


def test_closed_output(cli):
    result = subprocess.run(["sh", "-c", f'"{cli.program}" list >&-'], stderr=subprocess.PIPE, text=True)
    assert result.returncode == 2 and result.stderr.count("\n") == 1


def test_colour_on_a_terminal_only(cli):
    assert "\x1b[" in cli.on_a_terminal("show", "gelu")
    assert "\x1b" not in cli.on_a_terminal("show", "gelu", NO_COLOR="1")
    assert "\x1b" not in cli.on_a_terminal("show", "gelu", TERM="dumb")
    assert "\x1b" not in cli.text("show", "gelu")


def test_the_same_words_twice(cli):
    for arguments in (["show", "mish"], ["chain", "mish", "--layers", "3", "--at", "1"], ["list"]):
        assert cli.text(*arguments) == cli.text(*arguments)
