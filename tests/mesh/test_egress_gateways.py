"""The example `gateways` on the mesh: what its tenant calls leaves by one egress gateway for each network."""

import copy
import ssl

import pytest

from tenantmesh.cluster.pki import Authority, Circle, Subject
from tenantmesh.lab.namespaces import connect
from tests.mesh.beside import beside
from tests.mesh.bypassing import host_outside, reach

TENANT, APPS = "mart", ("help", "shop", "stock")
CARDS, LEDGER = "api.cards.example", "ledger.hq.example"
MAIN, CORPORATE = "mart-egress", "mart-egress--corporate"
AT = {CARDS: "198.51.100.25", LEDGER: "203.0.113.25"}
BY = {CARDS: MAIN, LEDGER: CORPORATE}
SUBSET = "ledger-hq-example"


@pytest.fixture(scope="module")
def gateways(mesh):
    """The example beside the dev stack, whose mesh it joins; the names that it calls are there before it."""
    hosts = "\n".join(f"{address} {name}" for name, address in AT.items())
    metadata = {"name": "coredns", "namespace": "kube-system"}
    names = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"NodeHosts": hosts}}
    with mesh.applied(names), beside(mesh, "gateways", TENANT) as example:
        example.deploy()
        yield mesh


@pytest.fixture(scope="module")
def authority(gateways):
    return Authority(gateways.folder / "egress-ca", Circle.CLUSTER)


@pytest.fixture(scope="module")
def callers(gateways, authority):
    """Who called the two hosts outside: each has a certificate for both names, and notes from where it is called."""
    pair = authority.issue(Subject(user="outside", hosts=tuple(AT)))
    file = gateways.folder / "outside-hosts.pem"
    file.write_bytes(pair.certificate + pair.key)
    secured = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secured.load_cert_chain(file)
    seen = {name: [] for name in AT}
    with (
        host_outside(gateways, AT[CARDS], 443, secured, seen[CARDS]),
        host_outside(gateways, AT[LEDGER], 443, secured, seen[LEDGER]),
    ):
        yield seen


@pytest.fixture(scope="module")
def said(gateways, authority):
    """What a host says over TLS to an App, whose sidecar takes the connection; "" where nobody answers."""
    trusting = ssl.create_default_context(cafile=authority.path)

    def ask(app, name, at=None):
        namespace = gateways.lab.namespace(gateways.app(TENANT, app))
        try:
            with (
                connect(namespace, at or AT[name], 443, timeout=10) as plain,
                trusting.wrap_socket(plain, server_hostname=name) as secured,
            ):
                return secured.recv(100).decode()
        except OSError:
            return ""

    return ask


def pod(mesh, gateway):
    (found,) = mesh.lab.pods(TENANT, f"istio={gateway}")
    return found


def logged(mesh, gateway, name):
    """What a gateway's log has of connections that were meant for a host."""
    return [line for line in mesh.proxy_log(pod(mesh, gateway)).splitlines() if name in line]


def object_of(mesh, kind, name):
    found = mesh.lab.api.get(f"/apis/networking.istio.io/v1/namespaces/{TENANT}/{kind.lower()}s/{name}")
    metadata = {"name": name, "namespace": TENANT}
    return {"apiVersion": "networking.istio.io/v1", "kind": kind, "metadata": metadata, "spec": found["spec"]}


def led_to_the_main_gateway(mesh):
    """The routes by which sidecars bring the corporate host to the gateway of the other network."""
    route, wrapping = object_of(mesh, "VirtualService", LEDGER), object_of(mesh, "DestinationRule", MAIN)
    destination = route["spec"]["tls"][0]["route"][0]["destination"]
    destination["host"] = f"{MAIN}.{TENANT}.svc.cluster.local"
    (there,) = object_of(mesh, "DestinationRule", CORPORATE)["spec"]["subsets"]
    assert there["name"] == destination["subset"] == SUBSET
    wrapping["spec"]["subsets"].append(there)
    return route, wrapping


def taken_at_the_main_gateway(mesh):
    """The same, and the gateway takes the host and routes it on."""
    route, wrapping = led_to_the_main_gateway(mesh)
    gateway = object_of(mesh, "Gateway", MAIN)
    gateway["spec"]["servers"] += copy.deepcopy(object_of(mesh, "Gateway", CORPORATE)["spec"]["servers"])
    route["spec"]["gateways"].append(f"{TENANT}/{MAIN}")
    route["spec"]["tcp"][0]["match"][0]["gateways"].append(f"{TENANT}/{MAIN}")
    return route, wrapping, gateway


def test_each_host_is_called_by_its_own_gateway_whose_address_it_sees(gateways, callers, said):
    gateways.eventually(lambda: said("shop", CARDS) == AT[CARDS], 60)
    gateways.eventually(lambda: said("stock", LEDGER) == AT[LEDGER], 60)
    for name, gateway in BY.items():
        assert set(callers[name]) == {pod(gateways, gateway)["status"]["podIP"]}
    assert len({caller for some in callers.values() for caller in some}) == 2


def test_a_host_is_called_by_the_apps_that_it_was_granted_to(gateways, callers, said):
    """The gateway of the corporate network refuses the others; the main one has no such list."""
    before = len(callers[LEDGER])
    assert said("stock", CARDS) == AT[CARDS]
    assert {app: said(app, LEDGER) for app in ("help", "shop")} == {"help": "", "shop": ""}
    assert len(callers[LEDGER]) == before
    gateways.eventually(
        lambda: any("rbac_access_denied" in line for line in gateways.proxy_log(pod(gateways, CORPORATE)).splitlines()),
        60,
    )


def test_each_gateway_leaves_for_its_own_network_and_nobody_else_for_any(gateways, callers):
    """Whatever it has been made to believe: the network holds addresses, not names."""
    assert callers
    everybody = [pod(gateways, MAIN), pod(gateways, CORPORATE), *(gateways.app(TENANT, app) for app in APPS)]
    seen = {
        (one["metadata"]["labels"].get("istio") or one["metadata"]["labels"]["app"], name): reach(
            gateways, one, AT[name], 443
        )
        for one in everybody
        for name in AT
    }
    opened = {(MAIN, CARDS), (CORPORATE, LEDGER)}
    assert {way for way, outcome in seen.items() if outcome == "open"} == opened
    assert {outcome for way, outcome in seen.items() if way not in opened} == {"blocked"}


def test_a_host_is_unknown_at_the_other_gateway(gateways, callers, said):
    """Whoever brings the corporate host to the main gateway, with all that the sidecars have, is not heard there."""
    before = len(callers[LEDGER])
    with gateways.changed(*led_to_the_main_gateway(gateways)):
        gateways.eventually(lambda: said("stock", LEDGER) == "", 60)
        gateways.eventually(lambda: "filter_chain_not_found" in gateways.proxy_log(pod(gateways, MAIN)), 60)
        assert said("shop", CARDS) == AT[CARDS]
    assert len(callers[LEDGER]) == before
    gateways.eventually(lambda: said("stock", LEDGER) == AT[LEDGER], 60)


def test_the_network_blocks_the_other_gateway_even_where_it_takes_the_host(gateways, callers, said):
    before = len(callers[LEDGER])
    with gateways.changed(*taken_at_the_main_gateway(gateways)):
        gateways.eventually(lambda: said("stock", LEDGER) == "" and logged(gateways, MAIN, AT[LEDGER]), 60)
        assert all(" UF" in line for line in logged(gateways, MAIN, AT[LEDGER]))
    assert len(callers[LEDGER]) == before
    gateways.eventually(lambda: said("stock", LEDGER) == AT[LEDGER], 60)
