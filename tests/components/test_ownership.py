"""A name that only one tenant may own is refused to a second, with both owners named."""

import pytest

import tenantmesh as tm
from tenantmesh.errors import OwnershipError
from tests.components.programs import made, problems


def with_ingress(**ingress):
    return {"ingress": {"client_tls": "none", **ingress}}


def with_egress(host):
    return {"egress": {"services": [{"host": host}]}}


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        (with_ingress(hosts=["a.example.com"]), with_ingress(hosts=["a.example.com"]), "a.example.com"),
        (with_ingress(hosts=["*.example.com"]), with_ingress(hosts=["b.example.com"]), "b.example.com"),
        (
            with_ingress(hosts=["a.example.com"], service={"http_node_port": 31080}),
            with_ingress(hosts=["b.example.com"], service={"http_node_port": 31080}),
            "31080",
        ),
        (with_egress("api.example.org"), with_egress("api.example.org"), "api.example.org"),
    ],
    ids=["host", "wildcard", "node-port", "egress-host"],
)
def test_a_second_owner_is_refused(first, second, name):
    found = problems(lambda: [tm.Tenant("acme", first), tm.Tenant("globex", second)], OwnershipError)
    assert len(found) == 1
    assert all(word in found[0] for word in (name, "acme", "globex")), found


def test_all_clashes_are_named_at_once():
    first = {**with_ingress(hosts=["a.example.com"]), **with_egress("api.example.org")}
    found = problems(lambda: [tm.Tenant("acme", first), tm.Tenant("globex", first)], OwnershipError)
    assert len(found) == 2


def test_a_shared_egress_host_has_several_callers():
    def program():
        tm.Mesh("mesh", tm.MeshArgs(shared_egress_hosts=["api.example.org"]))
        tm.Tenant("acme", with_egress("api.example.org"))
        tm.Tenant("globex", with_egress("api.example.org"))

    made(program)


def test_a_tenant_that_is_refused_makes_no_object():
    """The clash shows before anything of the second tenant is registered."""

    def program():
        tm.Tenant("acme", with_egress("api.example.org"))
        try:
            tm.Tenant("globex", with_egress("api.example.org"))
        except OwnershipError:
            return

    assert [item.key for item in made(program).manifest if item.key.namespace == "globex"] == []
