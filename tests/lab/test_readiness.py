"""When a namespace of the lab is ready: what its Deployments, its pods and its EndpointSlices have to say together."""

import pytest

from tenantmesh.lab.readiness import are_found, are_rolled_out


def _deployment(replicas=1, **counts):
    status = {"observedGeneration": 2} | dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), replicas)
    return {"metadata": {"generation": 2}, "spec": {"replicas": replicas}, "status": status | counts}


def _pod(address="10.0.0.1", *, ready=True, ending=False, owner="ReplicaSet", app="web"):
    metadata = {"labels": {"app": app, "version": "v1"}, "ownerReferences": [{"kind": owner}] if owner else []}
    if ending:
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    return {"metadata": metadata, "status": {"podIP": address, "conditions": conditions}}


def _service(name="web", **spec):
    return {"metadata": {"name": name}, "spec": {"selector": {"app": "web"}, **spec}}


def _slice(*addresses, service="web", ready=True):
    endpoints = [{"addresses": [address], "conditions": {"ready": ready}} for address in addresses]
    labels = {"kubernetes.io/service-name": service}
    return {"metadata": {"labels": labels}, "addressType": "IPv4", "endpoints": endpoints}


@pytest.mark.parametrize(
    "counts", [{"availableReplicas": 0}, {"replicas": 2}, {"updatedReplicas": 0}, {"observedGeneration": 1}]
)
def test_a_deployment_that_is_under_way_is_not_rolled_out(counts):
    assert are_rolled_out([_deployment()], [_pod()])
    assert not are_rolled_out([_deployment(**counts)], [_pod()])


@pytest.mark.parametrize(
    "pods",
    [[], [_pod(ending=True)], [_pod(ready=False)], [_pod(ending=True), _pod(ready=False)], [_pod(owner="")]],
    ids=["none", "one that ends", "one that starts", "both", "one of its own"],
)
def test_a_deployment_whose_status_is_of_before_is_not_rolled_out(pods):
    assert not are_rolled_out([_deployment()], pods)


def test_pods_of_nobody_and_those_that_end_hold_nothing_up():
    pods = [_pod(), _pod(ready=False, owner=""), _pod(ready=False, ending=True)]
    assert are_rolled_out([_deployment(), _deployment(0)], pods)


def test_all_deployments_of_a_namespace_need_their_pods():
    assert not are_rolled_out([_deployment(), _deployment(2)], [_pod(), _pod()])
    assert are_rolled_out([_deployment(), _deployment(2)], [_pod(), _pod(), _pod()])


@pytest.mark.parametrize(
    ("slices", "found"),
    [
        ([_slice("10.0.0.1")], True),
        ([_slice("10.0.0.1"), _slice("10.0.0.2", ready=False)], True),
        ([], False),
        ([_slice("10.0.0.1", ready=False)], False),
        ([_slice("10.0.0.1", service="other")], False),
        ([_slice("10.0.0.1", "10.0.0.2")], False),
    ],
    ids=["found", "ending is not ready", "no slice yet", "not ready yet", "another's", "ending is still there"],
)
def test_pods_are_found_once_the_slices_have_all_that_are_ready_and_none_that_ends(slices, found):
    pods = [_pod(), _pod("10.0.0.2", ending=True), _pod("10.0.0.3", ready=False), _pod("10.0.0.4", app="else")]
    assert are_found(pods, [_service()], slices) is found


def test_one_that_starts_where_another_ends_is_found_by_their_one_address():
    """As a pod of the host's network is."""
    assert are_found([_pod(ending=True), _pod()], [_service()], [_slice("10.0.0.1")])


@pytest.mark.parametrize("spec", [{"selector": None}, {"publishNotReadyAddresses": True}, {"type": "ExternalName"}])
def test_services_that_choose_no_pods_or_take_them_as_they_are_hold_nothing_up(spec):
    assert are_found([_pod()], [_service(**spec)], [])
