"""Runs the built program (GRADKEEP_CLI) as a user would, and holds every JSON output against its
schema in docs/schema/."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import pathlib
import pty
import subprocess

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Cli:
    def __init__(self, program):
        self.program = program

    def run(self, *arguments, env=None, **options):
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("timeout", 300)
        return subprocess.run(
            [self.program, *map(str, arguments)],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(env or {})},
            **options,
        )

    def text(self, *arguments, status=0, **options):
        result = self.run(*arguments, **options)
        assert result.returncode == status, result.stderr
        assert result.stderr == ""
        return result.stdout

    def json(self, *arguments, schema=None, status=0):
        """The verb's object, checked against docs/schema/VERB.schema.json."""
        parsed = json.loads(self.text(*arguments, "--json", status=status))
        name = schema or arguments[0]
        text = (ROOT / "docs/schema" / f"{name}.schema.json").read_text()
        jsonschema.validate(parsed, json.loads(text))
        return parsed

    def fails(self, *arguments, **options):
        """The one line of the error."""
        result = self.run(*arguments, **options)
        assert result.returncode == 2, (result.returncode, result.stdout, result.stderr)
        assert not result.stdout
        assert result.stderr.startswith("gradkeep: ")
        assert result.stderr.count("\n") == 1 and result.stderr.endswith("\n"), result.stderr
        return result.stderr

    def on_a_terminal(self, *arguments, stdout=None, **env):
        """What the program shows on a terminal: its errors, and its output unless sent elsewhere."""
        parent, child = pty.openpty()
        process = subprocess.Popen(
            [self.program, *map(str, arguments)],
            stdout=child if stdout is None else stdout,
            stderr=child,
            env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", **env},
        )
        os.close(child)
        shown = b""
        while True:
            try:
                piece = os.read(parent, 65536)
            except OSError:
                break  # the program has closed its end
            if not piece:
                break
            shown += piece
        os.close(parent)
        assert process.wait() == 0
        return shown.decode()


@pytest.fixture(scope="session")
def cli():
    program = pathlib.Path(os.environ.get("GRADKEEP_CLI", ROOT / "build/cli/gradkeep"))
    if not program.is_file():
        pytest.fail(f"{program} is missing: ./run build makes it, or GRADKEEP_CLI names another")
    return Cli(program.absolute())
