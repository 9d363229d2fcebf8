"""What a stack changes reaches the running lab: its objects, and the settings of its Mesh."""

import pytest

from tenantmesh.errors import ClusterError
from tenantmesh.lab import is_ready

LATE = "late"
PLACE = {"namespace": "default"}


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


def test_pods_that_wait_for_a_secret_keep_no_others_waiting_and_start_when_it_comes(mesh):
    late = [_pod(f"{LATE}-{number}", LATE) for number in range(4)]
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": LATE, **PLACE}, "data": {}}
    with mesh.applied(*late, _pod("prompt")):
        mesh.eventually(lambda: _ready(mesh) == {"prompt"})
        with mesh.applied(secret):
            mesh.eventually(lambda: _ready(mesh) == {"prompt", *(pod["metadata"]["name"] for pod in late)})


def _ready(mesh):
    return {pod["metadata"]["name"] for pod in mesh.lab.pods(PLACE["namespace"]) if is_ready(pod)}


def _pod(name, secret=""):
    container = {"name": "app", "image": "registry.example.com/app:1"}
    volumes = [{"name": "files", "secret": {"secretName": secret}}] if secret else []
    mounts = [{"name": one["name"], "mountPath": "/files"} for one in volumes]
    spec = {"containers": [{**container, "volumeMounts": mounts}], "volumes": volumes}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **PLACE}, "spec": spec}


def _named(name):
    return {"name": name, "namespace": "tenant1"}
