"""The example of a service that is in the mesh before its callers are: plain text until a day, then strict."""

import pytest

from tests.mesh.asking import RefusedError, Request
from tests.mesh.beside import beside
from tests.mesh.bypassing import past, reach
from tests.mesh.steady import steady
from tests.mesh.vouching import vouched

TENANT, PORT, STRICT_PORT = "freight", 8080, 9090
SECURITY = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True}
JOBS = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "jobs", "namespace": TENANT, "labels": {"sidecar.istio.io/inject": "false"}},
    "spec": {
        "containers": [
            {
                "name": "jobs",
                "image": "registry.example.com/jobs:1",
                "ports": [{"containerPort": PORT}],
                "securityContext": {**SECURITY, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
            }
        ]
    },
}
"""A pod of the tenant from before the mesh."""


@pytest.fixture(scope="module")
def example(mesh):
    with beside(mesh, "migration", TENANT) as example:
        yield example


@pytest.fixture(scope="module")
def freight(mesh, example):
    """The example beside the dev stack, whose mesh it joins, and a pod of its tenant without a sidecar."""
    example.deploy()
    with mesh.applied(JOBS):
        mesh.lab.wait("the pod without a sidecar", lambda: is_ready(mesh))
        mesh.settle()
        yield mesh


def is_ready(mesh):
    conditions = jobs(mesh).get("status", {}).get("conditions", ())
    return any((one["type"], one["status"]) == ("Ready", "True") for one in conditions)


def jobs(mesh):
    return mesh.lab.api.get(f"/api/v1/namespaces/{TENANT}/pods/jobs")


def asking(mesh, pod, app="orders", port=80):
    """Ask an App of the tenant by its Service, as its caller's program would."""
    return lambda: mesh.ask_inside(pod, f"http://{app}.{TENANT}:{port}/")


def plainly(mesh, pod, address, port):
    """What comes of a request past the pod's sidecar, if it has one."""
    request, namespace = Request(host=f"orders.{TENANT}"), mesh.lab.namespace(pod)
    return outcome(lambda: request.send(lambda: past(namespace, address, port, request.timeout)))


def opened(direction, namespace, other):
    """A NetworkPolicy for all pods of a namespace, in one direction, to all of another."""
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": other}}}
    rule = {"Ingress": {"ingress": [{"from": [peer]}]}, "Egress": {"egress": [{"to": [peer]}]}}[direction]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "opened", "namespace": namespace},
        "spec": {"podSelector": {}, "policyTypes": [direction], **rule},
    }


def outcome(send):
    try:
        return send().status
    except RefusedError:
        return "refused"


def test_callers_with_and_without_a_sidecar_are_both_answered(freight):
    with_sidecar, without = (asking(freight, pod)() for pod in (freight.app(TENANT, "shop"), jobs(freight)))
    assert (with_sidecar.status, without.status) == (200, 200)
    name = "x-forwarded-client-cert"
    assert with_sidecar.json()["headers"][name].endswith("URI=spiffe://cluster.local/ns/freight/sa/shop")
    assert name not in without.json()["headers"]


def test_the_access_log_tells_who_is_left_to_move(freight):
    """The line of a caller without a sidecar has no name in it, but an address."""
    orders, path = freight.app(TENANT, "orders"), "/left-to-move"
    for pod in (freight.app(TENANT, "shop"), jobs(freight)):
        assert freight.ask_inside(pod, f"http://orders.{TENANT}{path}").status == 200

    def lines():
        return [one for one in freight.proxy_log(orders).splitlines() if path in one]

    freight.eventually(lambda: len(lines()) == 2, 60)
    named, nameless = sorted(lines(), key=lambda line: " source=- " in line)
    assert " source=spiffe://cluster.local/ns/freight/sa/shop " in named
    assert " source=- " in nameless
    assert jobs(freight)["status"]["podIP"] in nameless


def test_nothing_else_takes_plain_text(freight):
    """Neither another port of the service nor another App of the tenant."""
    for app, port, member in (("orders", STRICT_PORT, "shop"), ("shop", 80, "orders")):
        assert outcome(asking(freight, freight.app(TENANT, member), app, port)) == 200, (app, port)
        assert outcome(asking(freight, jobs(freight), app, port)) == "refused", (app, port)


def test_the_identity_of_another_tenant_is_refused_as_ever(freight):
    """From the pod without a sidecar, which nothing keeps from showing whatever certificate it has."""
    seen = {}
    for name in ("freight/shop", "tenant1/productpage"):
        credential = vouched(freight, freight.folder, name)
        url = f"https://{freight.app(TENANT, 'orders')['status']['podIP']}:{PORT}/"
        answer = freight.ask_inside(jobs(freight), url, ca=credential.ca, credential=credential, alpn=("istio",))
        seen[name] = answer.status
    assert seen == {"freight/shop": 200, "tenant1/productpage": 403}


def test_the_network_keeps_the_plain_text_of_others_out_and_nothing_else_does(freight):
    """As a policy shows that opens it, and that `verify` would not let pass."""
    orders, stranger = freight.app(TENANT, "orders")["status"]["podIP"], freight.app("tenant1", "productpage")
    assert reach(freight, stranger, orders, PORT) == "blocked"
    assert reach(freight, stranger, freight.address("orders", TENANT), 80) == "blocked"
    with freight.applied(opened("Ingress", TENANT, "tenant1"), opened("Egress", "tenant1", TENANT)):
        freight.eventually(lambda: reach(freight, stranger, orders, PORT) == "open", 60)
        assert plainly(freight, stranger, orders, PORT) == 200
        assert plainly(freight, stranger, orders, STRICT_PORT) == "refused"
    freight.eventually(lambda: reach(freight, stranger, orders, PORT) == "blocked", 60)


def test_it_becomes_strict_without_a_failed_request_of_those_with_a_sidecar(freight, example):
    """The last test of this file: what it deploys stays."""
    member, without = (asking(freight, pod) for pod in (freight.app(TENANT, "shop"), jobs(freight)))
    with steady(member) as asked:
        assert outcome(without) == 200
        example.deploy(config={"migration:lastDay": ""})
        freight.eventually(lambda: outcome(without) == "refused", 60)
        before = asked.answered
        freight.eventually(lambda: asked.answered > before + 20, 60)
    assert asked.failures == []
