"""Host names: spelling, cover and overlap."""

import pytest

from tenantmesh.spec.hosts import covers, host_problem, overlap, pattern_problem


@pytest.mark.parametrize("host", ["example.com", "a.b.example.com", "xn--bcher-kva.example", "1.example.com"])
def test_a_full_lower_case_name_is_a_host(host):
    assert host_problem(host) == ""


@pytest.mark.parametrize(
    ("host", "because"),
    [
        ("Example.com", "did you mean 'example.com'"),
        ("example.com.", "did you mean 'example.com'"),
        ("localhost", "at least two labels"),
        ("*.example.com", "at least two labels"),
        ("10.0.0.1", "is an address"),
        ("b\u00fccher.example", "at least two labels"),
        ("a..example.com", "at least two labels"),
        ("", "at least two labels"),
    ],
)
def test_anything_else_is_refused_with_the_reason(host, because):
    assert because in host_problem(host)


def test_a_wildcard_stands_only_for_the_whole_first_label():
    assert pattern_problem("*.example.com") == ""
    assert pattern_problem("*") != ""
    assert pattern_problem("*.com") != ""
    assert pattern_problem("a*.example.com") != ""


@pytest.mark.parametrize(
    ("pattern", "host", "answer"),
    [
        ("a.example.com", "a.example.com", True),
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "x.a.example.com", True),
        ("*.example.com", "*.a.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "badexample.com", False),
        ("*.a.example.com", "*.example.com", False),
        ("example.com", "a.example.com", False),
    ],
)
def test_a_wildcard_covers_what_is_under_its_domain(pattern, host, answer):
    assert covers(pattern, host) is answer


def test_overlap_has_no_direction():
    assert overlap("*.example.com", "a.example.com")
    assert overlap("a.example.com", "*.example.com")
    assert not overlap("a.example.com", "b.example.com")
