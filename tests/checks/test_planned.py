"""What the library makes of some arguments proves clean, and what is wrong with the arguments is found."""

import datetime

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.prove import prove
from tenantmesh.graph.cluster import Cluster
from tenantmesh.manifest import Manifest, ManifestObject
from tenantmesh.plan.tenant import plan_app, plan_tenant

WEB = {"image": "example.com/web:1", "ports": [{"port": 8080}]}


def found(*tenants):
    """What is found of tenants, each with its arguments and Apps."""
    bodies = []
    for name, args, apps in tenants:
        spec = parse_tenant(name, args)
        bodies += plan_tenant(spec)
        for app, more in apps.items():
            bodies += plan_app(parse_app(app, {"tenant": name, **WEB, **more}, spec), spec)
    cluster = Cluster(Manifest.of(ManifestObject(body=body, source="objects") for body in bodies))
    return [(one.rule.id, one.message) for one in prove(cluster, find_intent(cluster), today=DAY).findings]


DAY = datetime.datetime.now(datetime.UTC).date()
"""Certificates are made today."""
GRANTED = {"service": "quotes", "ports": [8080], "reason": "orders"}


def test_a_grant_for_all_accounts_means_the_workloads_and_no_gateway():
    egress = {"services": [{"host": "api.example"}]}
    caller = {"egress": egress, "sharing": {"imports": [{"tenant": "globex", **GRANTED}]}}
    owner = {"sharing": {"exports": [{"to": ["acme"], **GRANTED}]}}
    assert found(("acme", caller, {"web": {}}), ("globex", owner, {"quotes": {}})) == []
    assert found(("acme", caller, {}), ("globex", owner, {"quotes": {}})) == []


def test_a_port_whose_caller_is_no_app_of_the_tenant_is_found():
    guarded = {"ports": [{"port": 8080, "callers": ["wbe"]}]}
    spaces = {"namespaces": [{"name": "db"}]}
    apps = {"web": {}, "redis": {"namespace": "db", **guarded}}
    message = "names the service account wbe of acme or acme--db, which is not there (spec.rules[0])"
    assert found(("acme", spaces, apps)) == [("names-nobody", f"AuthorizationPolicy acme--db/callers--redis {message}")]
    assert found(("acme", spaces, {**apps, "wbe": {}})) == []
