"""Random NetworkPolicies stop in the lab's network what the prover says that they stop.

The lab compiles its rules from cyclonus, which the prover is also held against without a network; what is seen here in
addition is that they hold for real packets, with the objects as the API server keeps them.
"""

import json
import os
import time
from collections import Counter
from contextlib import contextmanager
from http import HTTPStatus
from random import Random

import pytest

from tenantmesh.graph.flow import Outside, Request
from tenantmesh.graph.verdict import Answer
from tenantmesh.lab import is_ready
from tests.mesh.bypassing import host_outside, reach_all, reach_from
from tests.mesh.proving import Prover
from tests.oracles.generator import random_policy

SETS = int(os.environ.get("TENANTMESH_PROOF_SETS", "200")) // 4
"""Each of these is asked for some two hundred connections."""
OUTSIDE = "203.0.113.5"
SPACES = {"net0": {"app": "a", "tier": "front"}, "net1": {"app": "b"}, "net2": {"team/owner": "x"}}
PODS = {
    ("net0", "one"): {"app": "a"},
    ("net0", "two"): {"app": "b", "tier": "back"},
    ("net1", "one"): {"app": "a", "tier": "front", "team/owner": "y"},
    ("net1", "two"): {},
    ("net2", "one"): {"tier": "back", "team/owner": "x"},
    ("net2", "two"): {"app": ""},
}
LISTENING = {"web": 80, "api": 443, "dns": 53}
ASKED = (53, 80, 443, 8080, 81)
_PAUSES = (0.3, 0.5, 1, 2, 4, 8, 16)


def _space(name, labels):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _pod(space, name, labels):
    ports = [{"name": text, "containerPort": number} for text, number in LISTENING.items()]
    containers = [{"name": "main", "image": "docker.io/tests/net:1", "ports": ports}]
    metadata = {"name": name, "namespace": space, "labels": labels}
    security = {"runAsUser": 0}
    spec = {"containers": [containers[0] | {"securityContext": security}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


@pytest.fixture(scope="module")
def pods(mesh):
    spaces = [_space(*one) for one in SPACES.items()]
    accounts = [f"/api/v1/namespaces/{space}/serviceaccounts/default" for space in SPACES]
    with mesh.applied(*spaces):
        mesh.eventually(lambda: all(mesh.lab.api.request("GET", one).status == HTTPStatus.OK for one in accounts))
        mesh.apply(*(_pod(*key, labels) for key, labels in PODS.items()))
        paths = [f"/api/v1/namespaces/{space}/pods/{name}" for space, name in PODS]
        mesh.eventually(lambda: all(is_ready(mesh.lab.api.get(path)) for path in paths), 60)
        yield [mesh.lab.api.get(path) for path in paths]


@pytest.fixture(scope="module")
def outside(mesh):
    with host_outside(mesh, OUTSIDE, 443) as network:
        yield network


def _address(pod):
    return pod["status"]["podIP"]


def _policies(seed, network):
    """Those of the generator, whose blocks mean the lab's addresses; `network` is the first three numbers of these."""
    random = Random(f"proof {seed}")  # noqa: S311 -- reproducible, and no secret
    names = list(SPACES)
    made = [random_policy(random, random.choice(names), names, index) for index in range(random.randint(1, 5))]
    words = {'"10.0.0.0/': '"10.244.0.0/', '"10.244.0.0/8"': '"10.0.0.0/8"', '"10.0.1.': f'"{network}.'}
    for one in made:
        text = json.dumps(one)
        for old, new in words.items():
            text = text.replace(old, new)
        yield json.loads(text)


def _seen(mesh, pods, outside):
    """Whether each connection is blocked, by source, destination and port."""
    found = {}
    for source in pods:
        targets = [(_address(one), port) for one in pods if one is not source for port in ASKED] + [(OUTSIDE, 443)]
        for (address, port), outcome in reach_all(mesh, source, targets).items():
            found[_address(source), address, port] = outcome == "blocked"
    for target in pods:
        for port in ASKED:
            found[OUTSIDE, _address(target), port] = reach_from(outside, _address(target), port) == "blocked"
    return found


def _said(mesh, pods, asked):
    prover = Prover(mesh)
    ends = {_address(one): prover.pod(one) for one in pods} | {OUTSIDE: Outside(address=OUTSIDE)}
    answers = {
        (source, target, port): prover.network.verdict(ends[source], ends[target], Request(port=port)).answer
        for source, target, port in asked
    }
    assert Answer.UNPROVEN not in answers.values()
    return {one: answer is Answer.DENIED for one, answer in answers.items()}


def _compared(mesh, pods, outside):
    seen = _seen(mesh, pods, outside)
    said = _said(mesh, pods, seen)
    for pause in _PAUSES:
        if seen == said:
            break
        time.sleep(pause)
        seen = _seen(mesh, pods, outside)
    return [one for one in said if said[one] != seen[one]], Counter(seen.values())


@contextmanager
def _there(mesh, policies):
    places = [one["metadata"]["namespace"] for one in policies]
    folders = [f"/apis/networking.k8s.io/v1/namespaces/{place}/networkpolicies" for place in places]
    try:
        for one, folder in zip(policies, folders, strict=True):
            mesh.lab.api.request("POST", folder, one).json()
        yield
    finally:
        for one, folder in zip(policies, folders, strict=True):
            mesh.lab.api.request("DELETE", f"{folder}/{one['metadata']['name']}")


def test_random_network_policies_stop_what_the_prover_says(mesh, pods, outside):
    network = _address(pods[0]).rpartition(".")[0]
    total = Counter()
    for seed in range(SETS):
        with _there(mesh, list(_policies(seed, network))):
            wrong, seen = _compared(mesh, pods, outside)
        assert wrong == [], f"seed {seed}: {wrong}"
        total += seen
    assert min(total[True], total[False]) > SETS * 20, total
