"""Which names tenants may have, and how names are put together."""

import pytest

from tenantmesh.spec.names import (
    LONGEST,
    joined,
    label_of_host,
    logical_name,
    namespace_name,
    part_problem,
    shortened,
    tenant_problem,
)


def test_home_namespace_is_called_as_its_tenant():
    assert namespace_name("acme") == "acme"


def test_a_further_namespace_has_the_tenants_name_before_it():
    assert namespace_name("acme", "db") == "acme--db"


def test_tenant_a_with_b_c_never_meets_tenant_a_b_with_c():
    assert namespace_name("a", "b-c") != namespace_name("a-b", "c")


@pytest.mark.parametrize("name", ["acme", "a", "a-b", "tenant1", "x" * 40, "t1", "0day"])
def test_a_dns_label_of_up_to_forty_characters_is_a_tenants_name(name):
    assert tenant_problem(name) == ""


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("x" * 41, "at most 40"),
        ("a--b", "separates the parts"),
        ("kube-system", "reserved"),
        ("istio-ingress", "reserved"),
        ("default", "reserved"),
        ("com", "top-level domain"),
        ("io", "top-level domain"),
        ("", "is not a name"),
        ("-a", "is not a name"),
        ("a_b", "did you mean 'a-b'"),
    ],
)
def test_a_name_that_can_not_be_a_tenants_is_refused_with_the_reason(name, because):
    assert because in tenant_problem(name)


@pytest.mark.parametrize("name", ["Acme", "acme.", "\u0430cme", "acm\u00e9", " acme", "\uff41cme"])
def test_a_name_that_looks_like_another_is_refused_with_that_other(name):
    assert "did you mean 'acme'?" in tenant_problem(name)


def test_a_part_may_be_a_word_that_no_tenant_may_have():
    assert part_problem("default") == ""


def test_a_name_of_63_characters_stays_as_it_is():
    assert shortened("x" * LONGEST) == "x" * LONGEST


def test_a_longer_name_keeps_its_tenant_and_ends_in_a_hash():
    name = namespace_name("t" * 40, "part-" + "x" * 40)
    assert len(name) == LONGEST
    assert name.startswith("t" * 40 + "--part-")
    assert name[-11:-8] == "---"


def test_long_names_that_differ_at_the_end_only_stay_different():
    assert joined("t" * 40, "x" * 60 + "a") != joined("t" * 40, "x" * 60 + "b")


def test_hosts_that_differ_in_a_dot_only_have_different_labels():
    assert label_of_host("a.b-c.com") != label_of_host("a-b.c.com")


def test_logical_names_have_the_namespace_where_there_is_one():
    assert logical_name("acme", "fence", "acme--db") == "acme/acme--db/fence"
    assert logical_name("acme", "acme") == "acme/acme"
