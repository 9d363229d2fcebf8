"""Paths are held against policies as proxies see them, by each mode of MeshConfig's path normalization.

Source: https://istio.io/latest/docs/ops/best-practices/security/#customize-your-system-on-path-normalization.
"""

import pytest

from tenantmesh.graph.identity.paths import normalized

CASES = [
    ("NONE", "/a//b/../c", "/a//b/../c"),
    ("NONE", "/a?b#c", "/a"),
    ("NONE", "/a#c?b", "/a"),
    ("BASE", "/a/../admin", "/admin"),
    ("BASE", "/a/./b/.", "/a/b/"),
    ("BASE", "/../..", "/"),
    ("BASE", "/a\\b", "/a/b"),
    ("BASE", "/%61dmin", "/admin"),
    ("BASE", "/a/%2e%2e/admin", "/admin"),
    ("BASE", "/a%2Fb", "/a%2Fb"),
    ("BASE", "/a//b", "/a//b"),
    ("MERGE_SLASHES", "//a///b", "/a/b"),
    ("MERGE_SLASHES", "/a%2Fb", "/a%2Fb"),
    ("DECODE_AND_MERGE_SLASHES", "/a%2F%2fb", "/a/b"),
    ("DECODE_AND_MERGE_SLASHES", "/a%5cb", "/a/b"),
    ("DECODE_AND_MERGE_SLASHES", "/x%2F..%2Fadmin?q", "/admin"),
]


@pytest.mark.parametrize(("mode", "path", "seen"), CASES)
def test_a_path_is_seen_as_the_mode_says(mode, path, seen):
    assert normalized(path, mode) == seen
