"""Where Cilium's engine departs from the specifications of the kinds that are not its own, and no further."""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Any

from tests.oracles.known import Defect, sides
from tests.oracles.sample import End, Object, Question, Sample

_WAYS = {"ingress": "from", "egress": "to"}


def explained(sample: Sample, question: Question) -> bool:
    """Whether a known defect takes part in this question."""
    return any(defect.applies(sample, question) for defect in DEFECTS)


def _peers(policy: Object, way: str) -> Iterator[dict[str, Any]]:
    for rule in policy["spec"].get(way) or ():
        yield from rule.get(_WAYS[way]) or ()


def _ends(question: Question) -> Iterator[tuple[str, End, End]]:
    """Each direction with the end that a policy may fence and the one that it may name."""
    yield "ingress", question.destination, question.source
    yield "egress", question.source, question.destination


def _pod_in_networks(sample: Sample, question: Question) -> bool:
    return question.destination.namespace != "" and any(
        ip_address(question.destination.address) in ip_network(cidr, strict=False)
        for policy in sample.of_kind("ClusterNetworkPolicy")
        for peer in _peers(policy, "egress")
        for cidr in peer.get("networks", ())
    )


def _negative(selector: dict[str, Any]) -> bool:
    """Whether it asks only for labels that are not there, so that what has no labels satisfies it."""
    expressions = selector.get("matchExpressions") or ()
    return not selector.get("matchLabels") and all(one["operator"] in ("NotIn", "DoesNotExist") for one in expressions)


def _namespaces(peer: dict[str, Any]) -> dict[str, Any]:
    return peer["namespaces"] if "namespaces" in peer else peer["pods"]["namespaceSelector"]


def _world_in_namespaces(sample: Sample, question: Question) -> bool:
    return any(
        not other.namespace and _negative(_namespaces(peer))
        for way, _, other in _ends(question)
        for policy in sample.of_kind("ClusterNetworkPolicy")
        for peer in _peers(policy, way)
        if "networks" not in peer
    )


def _section_without_type(sample: Sample, question: Question) -> bool:
    return any(
        side.policy["spec"].get(side.direction)
        and side.direction.capitalize() not in side.policy["spec"]["policyTypes"]
        for side in sides(sample, question)
    )


def _baseline_after_isolation(sample: Sample, question: Question) -> bool:
    """A baseline rule that accepts, for an end that some NetworkPolicy of its namespace may isolate."""
    accepting = {
        way
        for policy in sample.of_kind("ClusterNetworkPolicy")
        if policy["spec"]["tier"] == "Baseline"
        for way in _WAYS
        for rule in policy["spec"].get(way) or ()
        if rule["action"] == "Accept"
    }
    return any(
        side.direction in accepting and side.direction.capitalize() in side.policy["spec"]["policyTypes"]
        for side in sides(sample, question)
    )


_TYPES = "https://network-policy-api.sigs.k8s.io/"
DEFECTS = (
    Defect(
        oracle="cilium",
        name="networks hold no pods",
        reason="networks of a ClusterNetworkPolicy are the world only",
        text="cluster-internal traffic will be checked against the rule as well. So if you Accept or Deny traffic to "
        '"0.0.0.0/0", that will allow or deny all IPv4 pod-to-pod traffic as well',
        source=f"{_TYPES}, ClusterNetworkPolicyEgressPeer.networks",
        applies=_pod_in_networks,
    ),
    Defect(
        oracle="cilium",
        name="the world is in namespaces without a label",
        reason="a namespace selector of a peer that asks only for the lack of labels holds addresses outside too",
        text="Namespaces defines a way to select all pods within a set of Namespaces",
        source=f"{_TYPES}, ClusterNetworkPolicyIngressPeer.namespaces",
        applies=_world_in_namespaces,
    ),
    Defect(
        oracle="cilium",
        name="a section counts without its type",
        reason="rules of a NetworkPolicy count though its policyTypes do not list their direction",
        text="The policyTypes field indicates whether or not the given policy applies to ingress traffic to selected "
        "pod, egress traffic from selected pods, or both",
        source="https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource",
        applies=_section_without_type,
    ),
    Defect(
        oracle="cilium",
        name="the baseline answers what is isolated",
        reason="a baseline rule still accepts what a NetworkPolicy isolates without a rule for it",
        text="v1.NetworkPolicy always makes a final decision for selected pods. Further evaluation only happens for "
        "Pods not selected by a v1.NetworkPolicy",
        source=f"{_TYPES}, ClusterNetworkPolicySpec.tier",
        applies=_baseline_after_isolation,
    ),
)
