"""docs/functions.md tells of this program: it is what tools/functions_page writes today."""
# SPDX-License-Identifier: Apache-2.0


def test_the_page_is_fresh(root, cli, execute):
    page = root / "docs" / "functions.md"
    assert execute(root / "tools" / "functions_page", cli) == page.read_text()
