"""Roles: enough to work, and nothing of what holds the tenant down."""

import itertools

import pytest

FORBIDDEN = {
    "authorizationpolicies",
    "limitranges",
    "networkpolicies",
    "peerauthentications",
    "resourcequotas",
    "rolebindings",
    "roles",
    "secrets",
    "serviceaccounts/token",
    "serviceentries",
    "sidecars",
    "virtualservices",
}
ACCESS = [{"role": role, "users": [role]} for role in ("admin", "developer", "viewer")]
INGRESS = {"domain": "acme.example.com", "ingress": {}}


def rules(plan, role, namespace="acme"):
    return plan.one("Role", f"tenant-{role}", namespace)["rules"]


def may(plan, role, verb, resource, namespace="acme"):
    return any(verb in rule["verbs"] and resource in rule["resources"] for rule in rules(plan, role, namespace))


@pytest.mark.parametrize("role", ["admin", "developer", "viewer"])
@pytest.mark.parametrize("args", [{}, INGRESS])
def test_no_role_touches_what_holds_the_tenant_down(planned, role, args):
    found = rules(planned({**args, "access": ACCESS}), role)
    assert not FORBIDDEN & set(itertools.chain.from_iterable(rule["resources"] for rule in found))
    assert not {"*", "bind", "escalate", "impersonate"} & set(
        itertools.chain.from_iterable(rule["verbs"] + rule["resources"] + rule["apiGroups"] for rule in found)
    )


def test_a_viewer_reads_and_a_developer_works(planned):
    plan = planned({"access": ACCESS})
    assert may(plan, "viewer", "list", "pods")
    assert not may(plan, "viewer", "create", "pods")
    assert may(plan, "developer", "create", "deployments")
    assert not may(plan, "developer", "create", "serviceaccounts")
    assert may(plan, "admin", "create", "serviceaccounts")


def test_nobody_opens_a_shell_beside_a_gateway(planned):
    assert may(planned({"access": ACCESS}), "developer", "create", "pods/exec")
    assert not may(planned({**INGRESS, "access": ACCESS}), "admin", "create", "pods/exec")


def test_a_namespace_of_the_gateways_alone_is_nobodys_but_for_the_admins_gateway(planned):
    plan = planned({**INGRESS, "access": ACCESS, "settings": {"gateway_namespace": "gateway"}})
    assert may(plan, "developer", "create", "pods/exec")
    assert not may(plan, "admin", "update", "gateways")
    assert [name for name in plan.names("Role") if name.startswith("acme--gateway/tenant")] == [
        "acme--gateway/tenant-admin"
    ]
    assert rules(plan, "admin", "acme--gateway") == [
        {
            "apiGroups": [group],
            "resources": [resource],
            "verbs": ["get", "patch", "update"],
            "resourceNames": ["acme-ingress"],
        }
        for group, resource in (("autoscaling", "horizontalpodautoscalers"), ("networking.istio.io", "gateways"))
    ]


def test_one_binding_a_role_gathers_all_who_have_it(planned):
    access = [
        {"role": "viewer", "groups": ["b", "a"]},
        {"role": "viewer", "users": ["ann"], "service_accounts": ["ci"]},
    ]
    plan = planned({"namespaces": [{"name": "db"}], "access": access})
    assert [subject["name"] for subject in plan.one("RoleBinding", "tenant-viewer")["subjects"]] == [
        "a",
        "b",
        "ci",
        "ann",
    ]
    assert plan.one("RoleBinding", "tenant-viewer", "acme--db")["subjects"][2] == {
        "kind": "ServiceAccount",
        "name": "ci",
        "namespace": "acme",
    }


def test_no_pod_gets_a_token_unasked(planned):
    plan = planned({**INGRESS, "access": [{"role": "viewer", "service_accounts": ["ci"]}]})
    accounts = [body for body in plan.bodies if body["kind"] == "ServiceAccount"]
    assert {body["metadata"]["name"] for body in accounts} == {"default", "ci", "acme-ingress"}
    assert not any(body["automountServiceAccountToken"] for body in accounts)
