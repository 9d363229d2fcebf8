"""Objects as a user writes them and as the real API server stores them mean the same to the graph."""

import copy
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.defaults import with_defaults
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.workloads import TEMPLATES
from tenantmesh.manifest import Manifest, ManifestObject
from tests.graph.sparse import OBJECTS
from tests.oracles.generator import sample
from tests.oracles.ours import Ours
from tests.oracles.sample import Sample
from tests.served import served

pytestmark = pytest.mark.controlplane

_CONTROLLERS = {"DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"}
"""What makes pods at once."""
RANDOM_CLUSTERS = 150
"""Each has up to six policies, which the server answers for without storing them."""


@pytest.fixture(scope="module")
def api(cluster):
    return cluster.api()


@pytest.fixture(scope="module")
def namespace(api):
    name = f"defaults-{uuid.uuid4().hex[:8]}"
    api.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}}).json()
    yield name
    api.request("DELETE", f"/api/v1/namespaces/{name}")


@pytest.fixture(scope="module")
def plurals(api):
    """The path of each kind's collection, with a place for the namespace."""
    return {
        (path.removeprefix("/apis/").removeprefix("/api/"), one["kind"]): f"{path}/namespaces/{{}}/{one['name']}"
        for path, one in served(api)
        if one["namespaced"]
    }


@pytest.fixture(scope="module")
def stored(api, plurals, namespace):
    """Each sparse object as it was sent, and as the server gives it back."""
    return {name: (body, _stored(api, plurals, namespace, body)) for name, body in _placed(namespace).items()}


def _placed(namespace: str) -> dict[str, dict[str, Any]]:
    placed = copy.deepcopy(dict(OBJECTS))
    for body in placed.values():
        body["metadata"]["namespace"] = namespace
    return placed


def _stored(api, plurals, namespace: str, body: dict[str, Any]) -> dict[str, Any]:
    collection = plurals[body["apiVersion"], body["kind"]].format(namespace)
    answer = api.request("POST", f"{collection}?fieldValidation=Strict", body)
    assert answer.status < 300, f"{body['kind']}: {answer.text}"
    return api.get(f"{collection}/{body['metadata']['name']}")


def _graph(bodies) -> Cluster:
    return Cluster(Manifest.of(ManifestObject(body=one) for one in bodies))


def _contradictions(ours: Any, theirs: Any, path: str = "") -> list[str]:
    """Where what we filled in is not what the server stored; what only the server has is its own affair."""
    match ours, theirs:
        case dict(), dict():
            return [found for key in ours for found in _contradictions(ours[key], theirs.get(key), f"{path}.{key}")]
        case list(), list() if len(ours) == len(theirs):
            pairs = enumerate(zip(ours, theirs, strict=True))
            return [found for at, (one, other) in pairs for found in _contradictions(one, other, f"{path}[{at}]")]
        case _:
            absent = ours is None or (not ours and not theirs)
            return [] if absent or ours == theirs else [f"{path}: {ours!r}, stored {theirs!r}"]


@pytest.mark.parametrize("name", OBJECTS)
def test_what_is_filled_in_is_what_the_server_stores(name, stored):
    sent, kept = stored[name]
    filled = with_defaults(ManifestObject(body=sent)).body
    assert _contradictions(filled, kept) == []


@pytest.mark.parametrize("name", OBJECTS)
def test_a_stored_object_lacks_nothing(name, stored):
    _, kept = stored[name]
    assert with_defaults(ManifestObject(body=kept)).body == kept


@pytest.mark.parametrize("name", [name for name, body in OBJECTS.items() if body["kind"] in {k for _, k in TEMPLATES}])
def test_a_stored_workload_is_the_same_workload(name, stored):
    """But for labels that the control plane itself gives."""
    sparse, full = (_workload(body) for body in stored[name])
    assert set(full.labels) - set(sparse.labels) <= sparse.given
    labels = {key: value for key, value in full.labels.items() if key in sparse.labels}
    assert _reached(sparse, dict(sparse.labels)) == _reached(full, labels)


@pytest.fixture(scope="module")
def running(api, namespace, stored):
    """Pods that controllers made and the scheduler bound, by the sparse object that stands for them."""
    made = {body["metadata"]["name"]: name for name, (body, _) in stored.items() if body["kind"] in _CONTROLLERS}
    deadline = time.monotonic() + 60
    while True:
        found: dict[str, dict[str, str]] = {}
        for pod in api.get(f"/api/v1/namespaces/{namespace}/pods")["items"]:
            if pod["spec"].get("nodeName") and pod["metadata"].get("ownerReferences"):
                found[made[pod["metadata"]["generateName"].split("-")[0]]] = pod["metadata"]["labels"]
        if found.keys() == set(made.values()):
            return found
        assert time.monotonic() < deadline, f"no pods of {set(made.values()) - found.keys()}"
        time.sleep(0.2)


@pytest.mark.parametrize("name", [name for name, body in OBJECTS.items() if body["kind"] in _CONTROLLERS])
def test_running_pods_have_the_labels_of_the_template_and_some_that_are_given(name, running, stored):
    """Every label that the control plane adds is known to be one, or a selector that asks for it would be misread."""
    sparse = _workload(stored[name][0])
    labels = running[name]
    assert set(labels) - set(sparse.labels) <= sparse.given
    assert {key: labels[key] for key in sparse.labels} == sparse.labels
    assert len(labels) > len(sparse.labels)


def _workload(body: dict[str, Any]) -> Workload:
    (found,) = _graph([body]).workloads.values()
    return found[0]


def _reached(one: Workload, labels: dict[str, str]) -> tuple[Any, ...]:
    """All that reachability depends on."""
    return labels, one.service_account, one.ports, one.host_network, one.proxy


@pytest.fixture(scope="module")
def clusters(api, plurals, namespace):
    """Random clusters as they were written, and with each policy as the server would store it."""
    samples = [sample(seed) for seed in range(RANDOM_CLUSTERS)]
    with ThreadPoolExecutor(4) as pool:
        stored = pool.map(lambda one: _as_stored(api, plurals, namespace, one), samples)
        return list(zip(samples, stored, strict=True))


def _as_stored(api, plurals, namespace: str, one: Sample) -> Sample:
    objects = (
        _policy_as_stored(api, plurals, namespace, body) if body["kind"] == "NetworkPolicy" else body
        for body in one.objects
    )
    return Sample(objects=tuple(objects), outside=one.outside, ports=one.ports, seed=one.seed)


def _policy_as_stored(api, plurals, namespace: str, body: dict[str, Any]) -> dict[str, Any]:
    """Asked for in the one namespace that is really there."""
    url = plurals[body["apiVersion"], body["kind"]].format(namespace) + "?dryRun=All&fieldValidation=Strict"
    there = {**body, "metadata": {**body["metadata"], "namespace": namespace}}
    return {**body, "spec": api.request("POST", url, there).json()["spec"]}


def test_network_policies_decide_the_same_once_stored(clusters):
    """Every spelling that the generator makes is taken by the server, and means the same before and after."""
    different = [
        f"seed {written.seed}: {question}"
        for written, stored in clusters
        for sparse, full in ((Ours(written), Ours(stored)),)
        for question in written.questions()
        if sparse.answer(question) != full.answer(question)
    ]
    assert different[:20] == []


def test_the_server_fills_in_something(clusters):
    """Or the comparison would prove nothing."""
    changed = [
        before["spec"] != after["spec"]
        for written, stored in clusters
        for before, after in zip(written.policies, stored.policies, strict=True)
    ]
    assert sum(changed) > len(changed) / 2
