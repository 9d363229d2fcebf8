"""What all tenants share: scarce kinds, priorities, and pods of shared namespaces."""

import json

import pytest

from tests.checks.breaches import of_rule, proven

COMPUTE = {"requests.cpu": "4", "requests.memory": "8Gi", "pods": "40"}
SYSTEM = ["system-cluster-critical", "system-node-critical"]


def people(*kinds, group="", kind="Group"):
    rbac = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "some", "namespace": "acme"}}
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "some"}
    rule = {"apiGroups": [group], "resources": list(kinds), "verbs": ["create"]}
    who = {"kind": kind, "name": "some"} | ({"namespace": "kube-system"} if kind == "ServiceAccount" else {})
    binding = {"kind": "RoleBinding", "roleRef": ref, "subjects": [who]}
    return "\n---\n".join(json.dumps({**rbac, **one}) for one in ({"kind": "Role", "rules": [rule]}, binding))


def quota(hard, name="tenant", **spec):
    meta = {"name": name, "namespace": "acme"}
    return json.dumps({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": meta, "spec": {"hard": hard, **spec}})


def classes(*terms, hard=None):
    found = [{"scopeName": "PriorityClass", **term} for term in terms]
    return quota(hard or {"pods": "0"}, "system", scopeSelector={"matchExpressions": found})


def said(rule, *texts):
    return [one.message for one in of_rule(proven(*texts), rule)]


@pytest.mark.parametrize(
    ("kinds", "group", "what"),
    [
        (("services",), "", "node ports, load balancers, services"),
        (("persistentvolumeclaims",), "", "storage, persistentvolumeclaims"),
        (("jobs",), "batch", "jobs.batch"),
    ],
)
def test_a_quota_that_counts_some_objects_counts_what_people_may_make(kinds, group, what):
    found = said("quota-partial", people(*kinds, group=group), quota({**COMPUTE, "configmaps": "10"}))
    assert found == [f"namespace acme has no quota for {what}"]


@pytest.mark.parametrize(
    "hard",
    [
        COMPUTE,
        {**COMPUTE, "count/services": "1", "services.nodeports": "0", "services.loadbalancers": "0"},
    ],
)
def test_a_quota_for_compute_alone_or_for_all_is_no_partial_one(hard):
    assert said("quota-partial", people("services"), quota(hard)) == []


def test_storage_may_be_bounded_by_its_class():
    hard = {**COMPUTE, "fast.storageclass.storage.k8s.io/requests.storage": "1Gi", "persistentvolumeclaims": "3"}
    assert said("quota-partial", people("persistentvolumeclaims"), quota(hard)) == []


def test_what_nobody_of_the_tenant_may_make_needs_no_bound():
    some = {**COMPUTE, "configmaps": "10"}
    assert said("quota-partial", quota(some)) == []
    assert said("quota-partial", people("services", kind="ServiceAccount"), quota(some)) == []


@pytest.mark.parametrize(
    "made",
    [
        (),
        (quota({"pods": "0"}, "system"),),
        (classes({"operator": "In", "values": SYSTEM[:1]}),),
        (classes({"operator": "NotIn", "values": SYSTEM}),),
        (classes({"operator": "In", "values": SYSTEM}, hard={"cpu": "1"}),),
        (classes({"operator": "In", "values": SYSTEM}, {"scopeName": "Terminating", "operator": "Exists"}),),
    ],
)
def test_people_who_may_run_pods_of_the_systems_priority_are_found(made):
    assert len(said("system-priority", people("pods"), *made)) == 1


@pytest.mark.parametrize(
    "term",
    [
        {"operator": "In", "values": SYSTEM},
        {"operator": "Exists"},
        {"operator": "NotIn", "values": ["low"]},
    ],
)
def test_a_quota_that_counts_the_classes_bounds_them(term):
    assert said("system-priority", people("pods"), classes(term)) == []


def test_where_nobody_may_run_pods_nobody_gives_them_a_priority():
    assert said("system-priority", people("configmaps")) == []
    assert said("system-priority", people("pods", kind="ServiceAccount")) == []


def test_a_pod_that_has_the_priority_is_found():
    pod = {"priorityClassName": SYSTEM[1], "containers": [{"name": "a", "image": "example.com/a:1"}]}
    meta = {"name": "a", "namespace": "acme"}
    text = json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": pod})
    assert said("system-priority", text) == [f"Pod acme/a has the priority {SYSTEM[1]}"]


def egress(port=None, labels=None, namespace="kube-system"):
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    if labels is not None:
        peer["podSelector"] = {"matchLabels": labels}
    rule = {"to": [peer], **({"ports": [{"port": port}]} if port else {})}
    meta = {"name": "more", "namespace": "acme"}
    spec = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [rule]}
    return json.dumps({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta, "spec": spec})


ANY = {"app": "x"}


@pytest.mark.parametrize("made", [egress(), egress(443), egress(53), egress(15012), egress(labels={})])
def test_a_way_to_all_pods_of_a_shared_namespace_is_found_whatever_the_port(made):
    (message,) = said("shared-egress-wide", made)
    assert "lets out to all pods of kube-system" in message


@pytest.mark.parametrize(
    "made", [egress(53, {"k8s-app": "kube-dns"}), egress(15012, {"app": "istiod"}, "istio-system"), egress(labels=ANY)]
)
def test_pods_that_are_named_by_the_value_of_a_label_are_not_all(made):
    assert said("shared-egress-wide", made) == []


@pytest.mark.parametrize("term", [{"operator": "Exists"}, {"operator": "NotIn", "values": ["other"]}])
def test_a_label_of_any_value_names_nobody(term):
    found = json.loads(egress(53, {}))
    found["spec"]["egress"][0]["to"][0]["podSelector"] = {"matchExpressions": [{"key": "k8s-app", **term}]}
    (message,) = said("shared-egress-wide", json.dumps(found))
    assert "of kube-system on 53/TCP" in message
