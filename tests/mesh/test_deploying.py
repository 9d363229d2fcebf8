"""What a stack changes reaches the running lab: its objects, and the settings of its Mesh."""

import pytest

from tenantmesh.errors import ClusterError


def test_a_changed_stack_is_there_while_it_is_wanted(mesh):
    def edit(program):
        path = program / "stacks" / "bookinfo.py"
        text = path.read_text()
        assert text.count('"/static", ') == 1
        path.write_text(text.replace('"/static", ', '"/static", "/more", '))

    assert mesh.ask("tenant1", "/more").status == 404
    with mesh.deployed(edit):
        answer = mesh.ask("tenant1", "/more")
        assert answer.headers.get("x-standin-service") == "productpage", (answer.status, answer.text)
    assert mesh.ask("tenant1", "/more").status == 404


def test_a_changed_setting_of_the_mesh_reaches_istiod_and_the_proxies(mesh):
    def edit(program):
        path = program / "stacks" / "__main__.py"
        text = path.read_text()
        path.write_text(text.replace("tm.MeshArgs(", 'tm.MeshArgs(trust_domain="changed.example", '))

    with mesh.deployed(edit):
        mesh.restart("istio-system", "tenant1")
        caller = mesh.ask_inside(mesh.app("tenant1", "productpage"), "http://reviews:9080/").json()
        assert "spiffe://changed.example/ns/tenant1/" in caller["headers"]["x-forwarded-client-cert"]
    mesh.restart("istio-system", "tenant1")
    assert mesh.ask("tenant1").status == 200


def test_objects_that_were_applied_before_a_refused_one_are_gone(mesh):
    good, bad = ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": _named(name)} for name in ("first", "No-Name"))
    with pytest.raises(ClusterError), mesh.applied(good, bad):
        pass
    assert mesh.lab.api.request("GET", "/api/v1/namespaces/tenant1/configmaps/first").status == 404


def _named(name):
    return {"name": name, "namespace": "tenant1"}
