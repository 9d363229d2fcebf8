"""Names of other tenants in objects that route, import and export."""

import json

import pytest

from tests.checks.breaches import of_rule, proven

ISTIO = "networking.istio.io/v1"
ROUTES = "gateway.networking.k8s.io/v1"
OTHER = "web.globex.svc.cluster.local"


def made(kind, spec, version=ISTIO, **annotations):
    meta = {"name": "more", "namespace": "acme", "annotations": annotations}
    return json.dumps({"apiVersion": version, "kind": kind, "metadata": meta, "spec": spec})


def virtual_service(**http):
    hosts = {"exportTo": ["."], "hosts": ["web.acme.svc.cluster.local"]}
    return made("VirtualService", {**hosts, "http": [http]})


def to(host):
    return {"destination": {"host": host}}


def named(*texts, **more):
    return [(one.tenants, one.message.partition(" at ")[2]) for one in of_rule(proven(*texts, **more), "names-tenant")]


NAMED = [
    (virtual_service(route=[to(OTHER)]), "spec.http[0].route[0].destination"),
    (virtual_service(route=[to("web.globex")], timeout="1s"), None),
    (virtual_service(route=[to("web")], mirror={"host": OTHER}), "spec.http[0].mirror"),
    (virtual_service(route=[to("web")], mirrors=[to(OTHER)]), "spec.http[0].mirrors[0].destination"),
    (virtual_service(delegate={"name": "x", "namespace": "globex"}), "spec.http[0].delegate"),
    (made("DestinationRule", {"host": OTHER, "exportTo": ["."]}), "spec.host"),
    (made("VirtualService", {"hosts": ["a.example.com"], "exportTo": ["globex"]}), "spec.exportTo"),
    (
        made("HTTPRoute", {"rules": [{"backendRefs": [{"name": "web", "namespace": "globex"}]}]}, ROUTES),
        "spec.rules[0].backendRefs",
    ),
]


@pytest.mark.parametrize(("text", "path"), NAMED)
def test_a_name_of_another_tenants_is_found_where_it_leads_nowhere(text, path):
    found = named(text)
    assert found == ([(("acme", "globex"), f"{path}, and nobody granted it")] if path else [])


def test_a_service_that_is_another_name_of_anothers_is_found():
    text = made("Service", {"type": "ExternalName", "externalName": OTHER}, "v1")
    assert named(text) or of_rule(proven(text), "route-reach")


def test_a_service_that_is_shown_to_one_other_tenant_is_found():
    text = made(
        "Service",
        {"selector": {"app": "web"}, "ports": [{"port": 80}]},
        "v1",
        **{"networking.istio.io/exportTo": "acme, globex"},
    )
    assert [tenants for tenants, _ in named(text)] == [("acme", "globex")]


def sidecar(*hosts):
    spec = {"outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"}, "egress": [{"hosts": list(hosts)}] if hosts else []}
    text = json.loads(made("Sidecar", spec))
    text["metadata"]["name"] = "default"
    return json.dumps(text)


@pytest.mark.parametrize("hosts", [("./*", "globex/*"), ("globex/web.globex.svc.cluster.local",)])
def test_a_sidecar_that_imports_from_another_tenant_is_found(hosts):
    assert [tenants for tenants, _ in named(sidecar(*hosts))] == [("acme", "globex")]


@pytest.mark.parametrize("hosts", [("*/*",), ()])
def test_a_sidecar_that_imports_everything_is_found(hosts):
    assert [tenants for tenants, _ in named(sidecar(*hosts))] == [("acme",)]


@pytest.mark.parametrize("hosts", [("./*",), ("acme/*", "istio-system/*"), ("*/api.example.com",), ("~/*",)])
def test_a_sidecar_that_imports_what_is_its_own_or_shared_or_one_host_is_fine(hosts):
    assert named(sidecar(*hosts)) == []


GRANT = {"source": "acme", "destination": "globex", "service": "web", "ports": [8080], "reason": "orders"}


@pytest.mark.parametrize("text", [virtual_service(route=[to(OTHER)]), sidecar("./*", "globex/*")])
def test_what_was_granted_may_be_named(text):
    assert named(text, intent={"grants": [GRANT]}) == []


def test_what_leads_to_the_other_is_told_as_that_alone():
    shown = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: globex}\n"
        "spec: {selector: {app: web}, ports: [{name: http, port: 8080}]}\n"
    )
    found = proven(virtual_service(route=[to(OTHER)]), sidecar("./*", "globex/*"), shown)
    assert of_rule(found, "route-reach") or of_rule(found, "sidecar-sees-tenant")
    assert [one.objects[0].key.kind for one in of_rule(found, "names-tenant")] in ([], ["VirtualService"])


def test_own_and_unknown_namespaces_are_nobodys():
    texts = (virtual_service(route=[to("web"), to("x.nowhere.svc.cluster.local"), to("api.example.com")]),)
    assert named(*texts) == []
