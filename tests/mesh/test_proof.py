"""What the prover says of the objects in the lab, the mesh does: who gets answered, and what stops the others."""

import os
from collections import Counter
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import product
from typing import Any

import pytest

from tenantmesh.graph.flow import Request
from tenantmesh.lab import is_ready
from tests.mesh.bypassing import host_outside
from tests.mesh.driving import Mesh
from tests.mesh.playground import NAMESPACES, made, playground
from tests.mesh.policies import Issuer, questions, sets
from tests.mesh.proving import Prover, Question, Seen, Way, compare

SETS = int(os.environ.get("TENANTMESH_PROOF_SETS", "200"))
"""Random sets of policies that are tried."""
_ASKED_OF_EACH = 24
"""Questions to each workload of the playground under each set."""
TENANTS = ("tenant1", "tenant2")
OUTSIDE = "203.0.113.40"
ASKED = (("GET", "/health"), ("POST", "/admin"))
PATHS = ("/productpage", "/api/v1/products/1", "/admin")


@pytest.fixture(scope="module")
def outside(mesh):
    with host_outside(mesh, OUTSIDE, 443) as network:
        yield network


@pytest.fixture(scope="module")
def stranger(mesh):
    """A pod in a namespace of nobody."""
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "nobodys"}}
    metadata = {"name": "stranger", "namespace": "nobodys", "labels": {"app": "stranger"}}
    containers = [{"name": "main", "image": "docker.io/tests/stranger:1", "ports": [{"containerPort": 9080}]}]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers}}
    with mesh.applied(space):
        account = "/api/v1/namespaces/nobodys/serviceaccounts/default"
        mesh.eventually(lambda: mesh.lab.api.request("GET", account).status == HTTPStatus.OK)
        mesh.apply(pod)
        mesh.eventually(lambda: any(map(is_ready, mesh.lab.pods("nobodys"))), 60)
        yield mesh.pod("nobodys", "app=stranger")
        mesh.remove(pod)


@dataclass(frozen=True)
class Dev:
    """Who is there with the dev stack."""

    mesh: Mesh
    strangers: tuple[Any, ...]
    apps: tuple[Any, ...]
    gateways: tuple[Any, ...]

    @property
    def everybody(self):
        return (*self.apps, *self.gateways, *self.strangers)

    def past(self):
        """Every workload by its own address, from everybody, as who gets past a sidecar can."""
        for source, target, (method, path) in product(self.everybody, self.apps, ASKED):
            if source is not target:
                request = Request(port=9080, method=method, path=path)
                yield _direct(source, target, request)

    def by_sidecar(self):
        """Every workload by its Service, from every workload, under each name that the Service has."""
        names = {(one["metadata"]["namespace"], one["metadata"]["labels"]["app"]): one for one in self.apps}
        for (tenant, app), target in names.items():
            address = self.mesh.address(app, tenant)
            for source, (method, path) in product(self.apps, ASKED):
                if source["metadata"]["labels"]["app"] != app or source["metadata"]["namespace"] != tenant:
                    for host in (f"{app}.{tenant}", f"{app}.{tenant}.svc.cluster.local:9080"):
                        request = Request(port=9080, method=method, path=path, host=host)
                        yield Question(
                            source=source,
                            destination=target,
                            request=request,
                            address=address,
                            number=9080,
                            way=Way.BY_SIDECAR,
                        )

    def at_gateways(self):
        """The plain port of every gateway, which only leads to the other."""
        hosts = ("tenant1.example.com", "a.tenant1.example.com", "tenant2.example.com:80", "example.com", "10.0.0.1")
        for source, target, host in product(self.everybody, self.gateways, hosts):
            if source is not target:
                yield _direct(source, target, Request(port=8080, host=host, path="/productpage"))

    def through_gateways(self):
        """Workloads through each gateway over TLS, with the certificate that its tenant's clients have."""
        for tenant, gateway in zip(TENANTS, self.gateways, strict=True):
            target = self.mesh.app(tenant, "productpage")
            credential = self.mesh.credential(tenant)
            names = [f"{first}{one}.example.com" for one in TENANTS for first in ("", "a.")]
            for source, sni, host, path in product(self.everybody, names, names, PATHS):
                if source is not gateway:
                    request = Request(port=8443, sni=sni, host=host, path=path)
                    direct = _direct(source, target, request)
                    address = _address(gateway)
                    yield replace(direct, through=gateway, credential=credential, address=address)


def _address(pod):
    return pod["status"]["podIP"]


def _direct(source, target, request):
    return Question(source=source, destination=target, request=request, address=_address(target), number=request.port)


@pytest.fixture(scope="module")
def dev(mesh, outside, stranger):
    apps = tuple(pod for one in TENANTS for pod in mesh.lab.pods(one, "app.kubernetes.io/component=app"))
    return Dev(mesh, (outside, stranger), apps, tuple(map(mesh.gateway, TENANTS)))


@pytest.mark.parametrize(
    ("questions_of", "seen"),
    [
        (Dev.past, {Seen.BLOCKED, Seen.CUT}),
        (Dev.by_sidecar, {Seen.ANSWERED, Seen.UNROUTED}),
        (Dev.at_gateways, {Seen.ANSWERED, Seen.BLOCKED, Seen.FORBIDDEN}),
        (Dev.through_gateways, {Seen.ANSWERED, Seen.BLOCKED, Seen.CUT, Seen.UNROUTED}),
    ],
)
def test_the_dev_stack_does_what_the_prover_says(mesh, dev, questions_of, seen):
    compared = compare(mesh, Prover(mesh), questions_of(dev))
    assert compared.wrong == ()
    assert set(compared.seen) == seen


@pytest.fixture(scope="module")
def place(mesh):
    with playground(mesh) as found:
        yield found


def test_random_policies_do_what_the_prover_says(mesh, place, outside):
    """Sets of AuthorizationPolicies, PeerAuthentications and RequestAuthentications, one in each namespace at once."""
    issuer, there, seen, wrong = Issuer(), [], Counter(), []
    try:
        for seed in range(-(-SETS // len(NAMESPACES))):
            new = sets(place, issuer, seed)
            place.replace(there, new)
            there = new
            compared = compare(mesh, Prover(mesh), questions(place, issuer, outside, seed, _ASKED_OF_EACH))
            seen += compared.seen
            wrong += [f"seed {seed}: {one}" for one in compared.wrong]
            assert len(wrong) < 10, wrong
    finally:
        place.replace(there, [])
    assert wrong == []
    # Each way to be answered or stopped was tried often enough to mean something.
    assert min(seen[one] for one in (Seen.ANSWERED, Seen.CUT, Seen.FORBIDDEN, Seen.UNAUTHORIZED)) >= SETS, seen


PLACES = {
    "the client's rule": ("app", {}),
    "the destination's rule, behind one of the client's": ("shop", {}),
    "a rule for one port": ("app", {"portLevelSettings": [{"port": {"number": 8080}}]}),
    "a rule for a subset": ("app", {"subset": True}),
}


def _client_rule(where, mode):
    space, shape = PLACES[where]
    tls = {"tls": {"mode": mode}}
    spec = {"host": "web.shop.svc.cluster.local", "exportTo": ["*"]}
    if "subset" in shape:
        spec["subsets"] = [{"name": "some", "labels": {}, "trafficPolicy": tls}]
    elif shape:
        spec["trafficPolicy"] = {"portLevelSettings": [shape["portLevelSettings"][0] | tls]}
    else:
        spec["trafficPolicy"] = tls
    return made("networking.istio.io/v1", "DestinationRule", space, "tls", spec=spec)


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize(
    ("client", "server"),
    [("DISABLE", "STRICT"), ("DISABLE", "PERMISSIVE"), ("ISTIO_MUTUAL", "STRICT"), ("ISTIO_MUTUAL", "PERMISSIVE")],
)
def test_the_tls_of_clients_does_what_the_prover_says(mesh, place, where, client, server):
    """On one port everybody is let in who can connect, on the other only those whose name is known are kept out."""
    named = [{"from": [{"source": {"namespaces": ["app"]}}], "to": [{"operation": {"ports": ["8443"]}}]}]
    security = "security.istio.io/v1"
    deny = made(security, "AuthorizationPolicy", "shop", "named", spec={"action": "DENY", "rules": named})
    peers = made(security, "PeerAuthentication", "shop", "peers", spec={"mtls": {"mode": server}})
    source, target = place.member("app", "web"), place.member("shop", "web")
    common = {"source": source, "destination": target, "address": place.addresses["shop", "web"]}
    requests = (Request(port=8080, host="web.shop:8080"), Request(port=8443, host="web.shop", method="", path="/"))
    asked = [Question(**common, request=one, number=one.port, way=Way.BY_SIDECAR) for one in requests]
    with mesh.applied(_client_rule(where, client), deny, peers):
        assert compare(mesh, Prover(mesh), asked).wrong == ()
