"""Openings miss nothing: what an oracle allows is let out by an opening of its source, and in by one of its end."""

from collections.abc import Iterable, Iterator

import pytest
from msgspec.structs import replace

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.network import NetworkLayer
from tenantmesh.graph.opening import Direction, Opening
from tenantmesh.graph.verdict import Answer
from tenantmesh.manifest import Manifest, ManifestObject
from tests.oracles import cilium, cilium_generator, cilium_known, cyclonus
from tests.oracles.generator import sample
from tests.oracles.sample import End, Object, Question, Sample

SAMPLES = 2_000
WITNESSED = 500


@pytest.mark.slow
def test_no_flow_that_cyclonus_allows_is_missing_from_the_openings(cyclonus_program):
    samples = [sample(seed) for seed in range(SAMPLES)]
    tables = cyclonus.ask(cyclonus_program, samples)
    assert _missed((one, table.kubernetes_labels) for one, table in zip(samples, tables, strict=True)) == []


@pytest.mark.slow
def test_no_flow_that_cilium_allows_is_missing_from_the_openings():
    """But for what its engine lets through against the text."""
    samples = [cilium_generator.sample(seed) for seed in range(SAMPLES)]
    tables = cilium.ask(cilium.build(), samples)
    missed = _missed(zip(samples, tables, strict=True))
    assert [str(asked) for one, asked in missed if not cilium_known.explained(one, asked)] == []


def _missed(answered: Iterable[tuple[Sample, str]]) -> list[tuple[Sample, Question]]:
    found: list[tuple[Sample, Question]] = []
    for one, table in answered:
        layer = NetworkLayer(Cluster(one.manifest))
        openings = {name: layer.openings(name) for name in one.namespaces}
        allowed = (asked for asked in one.questions() if table[asked.index] == "1")
        found += [(one, asked) for asked in allowed if not _is_open(openings, asked)]
    return found


def test_what_is_shut_has_no_opening():
    """Or an opening for everybody would pass for right everywhere."""
    shut = Sample(objects=_SHUT, outside=(), ports=())
    assert NetworkLayer(Cluster(shut.manifest)).openings("here") == ()


def test_no_opening_is_denied_by_the_policies_that_make_it():
    """Openings may be too wide only where a pod's address decides, which nobody knows: unproven, never denied."""
    answers = [answer for seed in range(WITNESSED) for answer in _witnessed(sample(seed))]
    assert answers.count(Answer.ALLOWED) > len(answers) / 2
    assert Answer.DENIED not in answers


def _witnessed(one: Sample) -> Iterator[Answer]:
    """For each opening and each other namespace in it, what the opening's own namespace says of its witness."""
    for name in one.namespaces:
        layer = NetworkLayer(Cluster(Manifest.of(ManifestObject(body=body) for body in _only(one, name))))
        for opening in layer.openings(name):
            for other in sorted(set(one.namespaces) - {name}):
                if other in opening.peers:
                    peer = replace(opening.peer or Workload(namespace="", name="peer"), namespace=other)
                    ends = (
                        (peer, opening.workload) if opening.direction is Direction.INGRESS else (opening.workload, peer)
                    )
                    yield layer.verdict(*ends, opening.request).answer


def _only(one: Sample, namespace: str) -> Iterator[Object]:
    """The cluster without pods, and without other namespaces' policies, which decide at the other end."""
    yield from one.of_kind("Namespace")
    yield from (policy for policy in one.policies if policy["metadata"]["namespace"] == namespace)


def _is_open(openings: dict[str, tuple[Opening, ...]], asked: Question) -> bool:
    return _lets(openings, Direction.EGRESS, asked.source, asked.destination, asked.port.number) and _lets(
        openings, Direction.INGRESS, asked.destination, asked.source, asked.port.number
    )


def _lets(openings: dict[str, tuple[Opening, ...]], way: Direction, subject: End, other: End, port: int) -> bool:
    """Somebody outside is fenced by nobody."""
    if not subject.namespace:
        return True
    found = (one for one in openings[subject.namespace] if one.direction is way)
    return any(_names(one, other) and _has(one.ports, port) for one in found)


def _names(opening: Opening, other: End) -> bool:
    return other.namespace in opening.peers if other.namespace else opening.peers.outside


def _has(ranges: Iterable[tuple[int, int]], port: int) -> bool:
    ranges = tuple(ranges)
    return not ranges or any(first <= port <= last for first, last in ranges)


_SHUT = (
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "here"}},
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "deny", "namespace": "here"},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    },
)
