"""A selector that asks for a label that only the control plane gives is undecided for pods that may get it."""

import pytest

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.fits import Fit
from tenantmesh.graph.labels import selector
from tenantmesh.manifest import Manifest, ManifestObject
from tests.graph.sparse import OBJECTS


def _workload(name: str):
    body = {**OBJECTS[name], "metadata": {"name": "one", "namespace": "here"}}
    (found,) = Cluster(Manifest.of([ManifestObject(body=body)])).workloads["here"]
    return found


def _fit(name: str, key: str, operator: str, *values: str) -> Fit:
    workload = _workload(name)
    asked = selector({"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]})
    return asked.fit(workload.labels, workload.given)


@pytest.mark.parametrize(
    ("operator", "values"), [("In", ["x"]), ("NotIn", ["x"]), ("Exists", []), ("DoesNotExist", [])]
)
def test_whatever_is_asked_of_it_is_undecided(operator, values):
    assert _fit("a stateful set", "statefulset.kubernetes.io/pod-name", operator, *values) is Fit.UNSURE


def test_pods_of_another_controller_do_not_get_it():
    """So that a Service for one pod of a StatefulSet says nothing of all other pods."""
    assert _fit("a deployment", "statefulset.kubernetes.io/pod-name", "In", "db-0") is Fit.NO


def test_what_else_is_asked_for_still_decides():
    workload = _workload("a deployment")
    asked = selector({"matchLabels": {"app": "another", "pod-template-hash": "x"}})
    assert asked.fit(workload.labels, workload.given) is Fit.NO


def test_a_label_that_is_written_is_known():
    workload = _workload("a deployment")
    labels = {**workload.labels, "topology.kubernetes.io/zone": "z"}
    asked = selector({"matchLabels": {"topology.kubernetes.io/zone": "z"}})
    assert asked.fit(labels, workload.given) is Fit.YES


def test_a_pod_that_is_bound_has_all_its_labels():
    body = {**OBJECTS["a pod"], "metadata": {"name": "one", "namespace": "here"}}
    body["spec"] = {**body["spec"], "nodeName": "node-1"}
    (found,) = Cluster(Manifest.of([ManifestObject(body=body)])).workloads["here"]
    assert found.given == frozenset()
