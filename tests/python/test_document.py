"""docs/python.md and the README's section: what they show is what happens."""
# SPDX-License-Identifier: Apache-2.0
import doctest
import re

import matplotlib
import pytest

matplotlib.use("agg")


@pytest.mark.parametrize("name", ["docs/python.md", "README.md"])
def test_its_sessions_run(gradkeep, root, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (root / name).read_text()
    sessions = "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    test = doctest.DocTestParser().get_doctest(sessions, {}, name, name, 0)
    assert test.examples
    told = []
    result = doctest.DocTestRunner(verbose=False).run(test, out=told.append)
    assert result.failed == 0, "".join(told)
