"""Who may call a host outside by the egress gateway, against who was declared."""

import copy
import datetime

import pytest

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.declarations.statements import IntentFile
from tenantmesh.checks.prove import prove
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.manifest import Manifest, ManifestObject
from tenantmesh.plan.mesh import istiod_environment, mesh_config
from tenantmesh.plan.tenant import plan_app, plan_tenant
from tenantmesh.spec.mesh import MeshSpec

HOST, PLAIN = "api.payments.example", "plain.payments.example"
TENANT = {
    "domain": "acme.example.com",
    "namespaces": [{"name": "db"}],
    "egress": {
        "services": [
            {"host": HOST, "service_accounts": ["pay"]},
            {"host": PLAIN, "protocol": "https", "service_accounts": ["pay"]},
            {"host": "open.example"},
        ]
    },
}


def planned():
    spec = parse_tenant("acme", TENANT)
    apps = [
        parse_app(name, {"tenant": "acme", "image": f"{name}:1", "ports": [{"port": 8080}]}, spec)
        for name in ("pay", "web")
    ]
    return [*plan_tenant(spec), *(body for app in apps for body in plan_app(app, spec))]


def proven(edit=None, *, of=HOST, intent=None, silent=False):
    bodies = copy.deepcopy(planned())
    name = f"egress--{of.replace('.', '-')}"
    for body in list(bodies):
        if edit and (body["kind"], body["metadata"]["name"]) == ("AuthorizationPolicy", name):
            edit(bodies, body)
        if silent and body["kind"] == "Namespace":
            body["metadata"].pop("annotations", None)
    mesh = MeshSettings.of(mesh_config(MeshSpec()), istiod_environment(MeshSpec()))
    cluster = Cluster(Manifest.of(ManifestObject(body=body) for body in bodies), mesh=mesh)
    file = IntentFile.model_validate(intent) if intent else None
    return prove(cluster, find_intent(cluster, file), today=datetime.date(2030, 6, 1))


def messages(proof):
    return [one.message for one in proof.findings if one.rule.id == "callers-widened"]


def gone(bodies, body):
    bodies.remove(body)


def audited(_, body):
    body["spec"]["action"] = "AUDIT"


def others(_, body):
    body["spec"]["rules"][0]["from"][0]["source"]["notPrincipals"].append("cluster.local/ns/acme--db/sa/*")


def web(_, body):
    body["spec"]["rules"][0]["from"][0]["source"]["notPrincipals"].append("cluster.local/ns/acme/sa/web")


def another_host(_, body):
    body["spec"]["rules"][0]["when"][0]["values"] = ["open.example"]


def other_pods(_, body):
    body["spec"]["selector"]["matchLabels"] = {"istio": "acme-ingress"}


def narrowed(_, body):
    body["spec"]["rules"][0]["when"].append({"key": "request.headers[x]", "values": ["x"]})


def test_what_is_planned_is_as_declared():
    proof = proven()
    assert ([one.message for one in proof.findings], proof.unproven) == ([], ())


@pytest.mark.parametrize("host", [HOST, PLAIN])
@pytest.mark.parametrize(
    ("edit", "account"),
    [
        (gone, "some-other-account"),
        (audited, "some-other-account"),
        (others, "some-other-account"),
        (web, "web"),
        (another_host, "some-other-account"),
        (other_pods, "some-other-account"),
        (narrowed, "some-other-account"),
    ],
)
def test_others_who_can_call_it_are_found(edit, account, host):
    (message,) = messages(proven(edit, of=host))
    assert message.startswith(f"acme/acme-egress takes requests for {host} from the service account {account} too")
    assert message.endswith("by AuthorizationPolicy acme/allow-tenant: declared were pay")


def test_without_a_declaration_a_host_is_for_all():
    assert messages(proven(gone, silent=True)) == []


def test_a_file_can_declare_it_for_a_tenant():
    said = {"host": "open.example", "serviceAccounts": ["pay"], "selector": {"istio": "acme-egress"}}
    found = proven(intent={"callers": [{"tenant": "acme", **said}]})
    (message,) = messages(found)
    assert "takes requests for open.example" in message
