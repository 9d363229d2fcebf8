"""What holds for every example: it is short, listed, and runs."""

import ast
import re

import pytest

from tests.examples.programs import FOLDER, NAMES, run_example


def test_the_readme_lists_every_example_and_no_other():
    listed = re.findall(r"^\| \[([\w-]+)\]\((.+?)\) \|", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert listed == [(name, f"{name}/__main__.py") for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_an_example_says_what_it_shows_in_at_most_40_lines(name):
    text = (FOLDER / name / "__main__.py").read_text()
    assert len(text.splitlines()) <= 40
    assert ast.get_docstring(ast.parse(text))


def test_the_readme_of_the_project_shows_the_first_example():
    """To the letter, but for the docstring, which is the README's text there."""
    _, _, code = (FOLDER / "first" / "__main__.py").read_text().partition('"""\n\n')
    assert f"```python\n{code}```" in (FOLDER.parent / "README.md").read_text()


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
@pytest.mark.parametrize("name", NAMES)
def test_an_example_runs(name, preview):
    found = run_example(name, preview=preview)
    assert found.failures == ()
    assert found.ok
    assert len(found.manifest) > 10


@pytest.mark.parametrize("name", NAMES)
def test_an_example_makes_the_same_objects_each_time(name):
    """But for keys and passwords, which are secret."""
    first, second = run_example(name).manifest, run_example(name).manifest
    assert [item.key for item in first] == [item.key for item in second]
    kept = [(one.body, two.body) for one, two in zip(first, second, strict=True) if one.key.kind != "Secret"]
    assert all(one == two for one, two in kept)
