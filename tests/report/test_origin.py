"""`file:line` taken apart, and turned into references."""

import pytest

from tenantmesh.report.origin import Origin


@pytest.mark.parametrize(
    ("source", "file", "line", "uri"),
    [
        ("a/b.yaml:12", "a/b.yaml", 12, "a/b.yaml"),
        ("a/b.yaml", "a/b.yaml", None, "a/b.yaml"),
        ("./a b.yaml:3", "./a b.yaml", 3, "a%20b.yaml"),
        ("odd:name.yaml:3", "odd:name.yaml", 3, "odd%3Aname.yaml"),
        ("C:\\stacks\\dev.py:7", "C:\\stacks\\dev.py", 7, "file:///C:/stacks/dev.py"),
        ("/srv/stack.py:7", "/srv/stack.py", 7, "file:///srv/stack.py"),
    ],
)
def test_a_source_is_a_file_and_a_line(source, file, line, uri):
    found = Origin.of(source)
    assert found is not None
    assert (found.file, found.line, found.uri) == (file, line, uri)


def test_no_source_is_no_place():
    assert Origin.of("") is None


def test_a_file_above_the_project_is_outside():
    above, within = Origin.of("../other/a.yaml:1"), Origin.of("other/a.yaml:1")
    assert above is not None
    assert above.is_outside
    assert within is not None
    assert not within.is_outside
