"""Rights past the pods of a tenant, and rights that a tenant has everywhere."""

import pytest

from tests.checks.breaches import of_rule, proven

_RBAC = "apiVersion: rbac.authorization.k8s.io/v1\n"
PEOPLE = "- {apiGroup: rbac.authorization.k8s.io, kind: Group, name: acme-people}\n"
POD = "- {kind: ServiceAccount, name: web, namespace: acme}\n"


def bound(rules, subject=PEOPLE):
    """A Role with these rules in acme, and who has it."""
    role = f"{_RBAC}kind: Role\nmetadata: {{name: some, namespace: acme}}\nrules:\n{rules}"
    ref = "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: some}\n"
    return f"{role}---\n{_RBAC}kind: RoleBinding\nmetadata: {{name: some, namespace: acme}}\n{ref}subjects:\n{subject}"


def everywhere(role, subject=PEOPLE):
    ref = f"roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {role}}}\n"
    return f"{_RBAC}kind: ClusterRoleBinding\nmetadata: {{name: some}}\n{ref}subjects:\n{subject}"


def cluster_role(group, kind):
    rule = f'- {{apiGroups: ["{group}"], resources: [{kind}], verbs: [get, list]}}\n'
    return f"---\n{_RBAC}kind: ClusterRole\nmetadata: {{name: own}}\nrules:\n{rule}"


def rule(kinds, verbs, names="", group=""):
    limit = f", resourceNames: [{names}]" if names else ""
    return f'- {{apiGroups: ["{group}"], resources: [{kinds}], verbs: [{verbs}]{limit}}}\n'


@pytest.mark.parametrize(
    ("rights", "subject"),
    [
        (rule("secrets", "get"), PEOPLE),
        (rule("secrets", "create"), PEOPLE),
        (rule("pods/exec", "create"), POD),
        (rule("serviceaccounts/token", "create"), PEOPLE),
        (rule("secrets", "get", "one") + rule("secrets", "list"), POD),
    ],
)
def test_who_may_run_no_pods_does_not_get_at_what_they_hold(rights, subject):
    (found,) = of_rule(proven(bound(rights, subject)), "rbac-past-pods")
    assert found.tenants == ("acme",)
    assert [one.key.kind for one in found.objects] == ["RoleBinding", "Role"]


@pytest.mark.parametrize(
    "rights",
    [
        rule("pods", "create") + rule("secrets", "get") + rule("pods/exec", "create"),
        rule("secrets", "get", "one"),
        rule("pods, pods/log, services, configmaps", "get, list, watch"),
    ],
)
def test_rights_that_pods_give_anyhow_or_that_name_one_secret_are_no_finding(rights):
    assert of_rule(proven(bound(rights)), "rbac-past-pods") == []


@pytest.mark.parametrize("kinds", ["endpoints", "services/status"])
def test_who_writes_addresses_himself_leads_a_service_to_another_tenants_pods(kinds):
    (found,) = of_rule(proven(bound(rule(kinds, "update"))), "rbac-against-fence")
    assert "change where services lead" in found.message


def test_slices_of_addresses_are_addresses():
    assert of_rule(proven(bound(rule("endpointslices", "patch", group="discovery.k8s.io"))), "rbac-against-fence")


def test_a_tenant_may_have_services():
    assert of_rule(proven(bound(rule("services", "create, update"))), "rbac-against-fence") == []


@pytest.mark.parametrize("subject", [PEOPLE, POD])
def test_a_tenant_that_may_view_everything_reads_the_other_tenants(subject):
    found = of_rule(proven(bound(rule("pods", "get"), subject), everywhere("view", subject)), "rbac-across-tenants")
    assert [one.tenants for one in found] == [("acme",)]
    assert found[0].witness.endswith("in the whole cluster")


def test_everybody_who_may_view_everything_is_found():
    everybody = "- {apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:serviceaccounts'}\n"
    found = of_rule(proven(everywhere("view", everybody)), "rbac-across-tenants")
    assert [one.tenants for one in found] == [("*",)]


def test_a_right_to_one_kind_of_the_tenants_is_found_whatever_kind_it_is():
    made = everywhere("own", POD) + cluster_role("example.com", "widgets")
    assert of_rule(proven(made), "rbac-across-tenants")


@pytest.mark.parametrize("role", ["system:discovery", "system:basic-user", "system:auth-delegator"])
def test_what_is_no_tenants_may_be_read_by_all(role):
    assert of_rule(proven(everywhere(role, POD)), "rbac-across-tenants") == []


@pytest.mark.parametrize("pair", [("", "nodes"), ("storage.k8s.io", "storageclasses"), ("", "nodes/status")])
def test_kinds_of_the_cluster_are_no_tenants(pair):
    assert of_rule(proven(everywhere("own", POD) + cluster_role(*pair)), "rbac-across-tenants") == []


def test_operators_may_see_everything():
    assert of_rule(proven(everywhere("view")), "rbac-across-tenants") == []
