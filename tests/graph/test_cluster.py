"""A cluster's objects by kind and namespace, and each pod once, however many objects stand for it."""

from copy import deepcopy

import pytest

from tests.graph.pods import cluster, deployment, namespace, pod


def owned(body, name, api_version, kind, owner, **labels):
    """`body` under another name as `owner` makes it."""
    made = deepcopy(body)
    reference = {"apiVersion": api_version, "kind": kind, "name": owner, "uid": "1", "controller": True}
    made["metadata"] |= {"name": name, "ownerReferences": [reference]}
    place = made if made["kind"] == "Pod" else made["spec"]["template"]
    place.setdefault("metadata", {}).setdefault("labels", {}).update(labels)
    return made


WEB = deployment(name="web")
SET = owned(WEB | {"kind": "ReplicaSet"}, "web-5d", "apps/v1", "Deployment", "web", **{"pod-template-hash": "5d"})
LIVE = {
    **owned(pod(), "web-5d-x", "apps/v1", "ReplicaSet", "web-5d", app="web", **{"pod-template-hash": "5d"}),
    "status": {"podIPs": [{"ip": "10.0.0.1"}]},
}


def names(*bodies):
    return [one.name for one in cluster(namespace(), *bodies).workloads.get("acme", ())]


def test_pods_that_controllers_made_are_the_first_makers_with_their_addresses():
    (found,) = cluster(namespace(), WEB, SET, LIVE).workloads["acme"]
    assert (found.name, found.addresses) == ("web", ("10.0.0.1",))


def test_what_a_maker_that_is_not_there_made_stands_for_itself():
    assert names(SET, LIVE) == ["web-5d"]
    assert names(LIVE) == ["web-5d-x"]
    assert sorted(names(WEB, LIVE)) == ["web", "web-5d-x"]


def test_pods_of_a_controller_that_is_not_known_stand_for_themselves():
    """Argo's Rollouts make ReplicaSets, Strimzi's pod sets make pods, and nodes have pods of their own."""
    rollout = owned(SET, "web-7f", "argoproj.io/v1alpha1", "Rollout", "web")
    assert names(rollout) == ["web-7f"]
    assert names(owned(pod(), "kafka-0", "core.strimzi.io/v1beta2", "StrimziPodSet", "kafka")) == ["kafka-0"]
    assert names(owned(pod(), "proxy-node", "v1", "Node", "node")) == ["proxy-node"]


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one["metadata"]["labels"].update(app="other"),
        lambda one: one["metadata"]["labels"].update(role="admin"),
        lambda one: one["spec"].update(serviceAccountName="another"),
        lambda one: one["spec"].update(hostNetwork=True),
    ],
)
def test_a_pod_that_only_claims_to_be_made_stands_for_itself(change):
    """Anybody who may make pods can write any owner into them."""
    false = deepcopy(LIVE)
    change(false)
    assert sorted(names(WEB, SET, false)) == ["web", "web-5d-x"]


def test_labels_that_istio_and_kubernetes_add_make_no_difference():
    added = {"service.istio.io/canonical-name": "web", "security.istio.io/tlsMode": "istio"}
    injected = owned(LIVE, "web-5d-x", "apps/v1", "ReplicaSet", "web-5d", **added)
    assert names(WEB, SET, injected) == ["web"]


def test_objects_that_claim_each_other_as_makers_all_stand_for_themselves():
    one = owned(WEB, "one", "apps/v1", "Deployment", "two")
    two = owned(WEB, "two", "apps/v1", "Deployment", "one")
    assert sorted(names(one, two)) == ["one", "two"]


def test_an_owner_that_does_not_control_makes_nothing():
    loose = deepcopy(SET)
    del loose["metadata"]["ownerReferences"][0]["controller"]
    assert sorted(names(WEB, loose)) == ["web", "web-5d"]


@pytest.mark.parametrize("references", [None, {}, [], ["text"], [{}], [{"controller": True}], "text", [None]])
def test_owners_of_any_shape_are_read(references):
    odd = deepcopy(SET)
    odd["metadata"]["ownerReferences"] = references
    assert sorted(names(WEB, odd)) == ["web", "web-5d"]


def test_equal_names_in_two_namespaces_are_two():
    other = deepcopy(WEB)
    other["metadata"]["namespace"] = "globex"
    found = cluster(namespace(), namespace("globex"), other, SET, LIVE).workloads
    assert {space: [one.name for one in some] for space, some in found.items()} == {
        "acme": ["web-5d"],
        "globex": ["web"],
    }


def test_a_namespace_is_there_once_something_lies_in_it_and_has_the_servers_label():
    found = cluster(namespace("acme", team="red"), {**WEB, "metadata": {"name": "web", "namespace": "globex"}})
    assert dict(found.namespaces["acme"].labels) == {"team": "red", "kubernetes.io/metadata.name": "acme"}
    assert dict(found.namespaces["globex"].labels) == {"kubernetes.io/metadata.name": "globex"}
    assert found.namespaces["globex"].object is None


def test_the_servers_label_can_not_be_written_over():
    false = namespace("acme")
    false["metadata"]["labels"]["kubernetes.io/metadata.name"] = "globex"
    assert cluster(false).namespaces["acme"].labels["kubernetes.io/metadata.name"] == "acme"


def test_objects_are_found_by_group_and_kind_whatever_their_version():
    old = {"apiVersion": "networking.istio.io/v1alpha3", "kind": "Sidecar", "metadata": {"name": "a", "namespace": "x"}}
    new = {"apiVersion": "networking.istio.io/v1", "kind": "Sidecar", "metadata": {"name": "b", "namespace": "x"}}
    found = cluster(old, new, namespace())
    assert {one.key.name for one in found.objects("networking.istio.io", "Sidecar")["x"]} == {"a", "b"}
    assert found.kinds == (("", "Namespace"), ("networking.istio.io", "Sidecar"))
    assert found.objects("", "Pod") == {}
