"""The known defects of the oracles: where each answers against the specification, and no further.

A question is left out for one oracle when a defect of this table takes part in it; the other oracle still answers it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from tests.oracles.sample import End, Question, Sample

_SIDES = (("ingress", "from"), ("egress", "to"))


@dataclass(frozen=True)
class Defect:
    """`applies` is true where the oracle may be wrong; `text` at `source` is the sentence that says what is right."""

    oracle: str
    name: str
    reason: str
    text: str
    source: str
    applies: Callable[[Sample, Question], bool]


def explained(oracle: str, sample: Sample, question: Question) -> bool:
    """Whether a known defect of the oracle takes part in this question."""
    return any(defect.oracle == oracle and defect.applies(sample, question) for defect in DEFECTS)


@dataclass(frozen=True)
class Side:
    """One direction of one policy that may decide a question: `subject` is in its namespace, `other` at the far end."""

    policy: dict[str, Any]
    direction: str
    subject: End
    other: End

    @property
    def namespace(self) -> str:
        return self.policy["metadata"]["namespace"]

    @property
    def peers(self) -> Iterator[dict[str, Any]]:
        for rule in self.policy["spec"].get(self.direction) or ():
            yield from rule.get(dict(_SIDES)[self.direction]) or ()


def sides(sample: Sample, question: Question) -> Iterator[Side]:
    for policy in sample.policies:
        ends = question.destination, question.source
        for (direction, _), subject, other in zip(_SIDES, ends, reversed(ends), strict=True):
            if subject.namespace == policy["metadata"]["namespace"]:
                yield Side(policy, direction, subject, other)


def _pod_selectors(sample: Sample, question: Question) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Each selector of pods that is held against a pod of the question, with the pod's labels."""
    for side in sides(sample, question):
        yield side.policy["spec"].get("podSelector") or {}, side.subject.labels
        for peer in side.peers:
            reaches = peer.get("namespaceSelector") is not None or side.other.namespace == side.namespace
            if peer.get("podSelector") is not None and side.other.namespace and reaches:
                yield peer["podSelector"], side.other.labels


def _namespace_selectors(sample: Sample, question: Question) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    for side in sides(sample, question):
        for peer in side.peers:
            if peer.get("namespaceSelector") is not None and side.other.namespace:
                yield peer["namespaceSelector"], sample.namespaces[side.other.namespace]


def _selectors(sample: Sample, question: Question) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    yield from _pod_selectors(sample, question)
    yield from _namespace_selectors(sample, question)


def _expressions(selector: dict[str, Any], *operators: str) -> Iterator[dict[str, Any]]:
    return (one for one in selector.get("matchExpressions") or () if one["operator"] in operators)


def _not_in_without_key(sample: Sample, question: Question) -> bool:
    return any(
        expression["key"] not in labels
        for selector, labels in _selectors(sample, question)
        for expression in _expressions(selector, "NotIn")
    )


def _empty_value_without_key(sample: Sample, question: Question) -> bool:
    return any(
        value == "" and key not in labels
        for selector, labels in _selectors(sample, question)
        for key, value in (selector.get("matchLabels") or {}).items()
    )


def _empty_namespace_value_without_key(sample: Sample, question: Question) -> bool:
    return any(
        "" in values and key not in labels
        for selector, labels in _namespace_selectors(sample, question)
        for key, values in (
            *((key, [value]) for key, value in (selector.get("matchLabels") or {}).items()),
            *((one["key"], one["values"]) for one in _expressions(selector, "In", "NotIn")),
        )
    )


def _key_in_another_namespace(sample: Sample, question: Question) -> bool:
    return any(
        peer.get("namespaceSelector") is not None and side.other.namespace not in ("", side.namespace)
        for side in sides(sample, question)
        for peer in side.peers
        for _ in _expressions(peer.get("podSelector") or {}, "Exists", "DoesNotExist")
    )


def _pod_in_block(sample: Sample, question: Question) -> bool:
    return any(
        side.other.namespace != "" and _within(side.other.address, peer["ipBlock"])
        for side in sides(sample, question)
        for peer in side.peers
        if "ipBlock" in peer
    )


def _within(address: str, block: dict[str, Any]) -> bool:
    found = ip_address(address)
    return found in ip_network(block["cidr"], strict=False) and not any(
        found in ip_network(hole) for hole in block.get("except") or ()
    )


def _empty_egress_without_types(sample: Sample, question: Question) -> bool:
    return any(
        side.direction == "egress" and not spec.get("policyTypes") and "egress" in spec and not spec["egress"]
        for side in sides(sample, question)
        for spec in (side.policy["spec"],)
    )


_LABELS = "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/"
_POLICIES = "https://kubernetes.io/docs/concepts/services-networking/network-policies/"

DEFECTS = (
    Defect(
        oracle="cyclonus",
        name="NotIn asks for the key",
        reason="a label that is absent does not match NotIn",
        text="all resources with key equal to tier and values other than frontend and backend, and all resources "
        "with no labels with the tier key",
        source=f"{_LABELS}#set-based-requirement",
        applies=_not_in_without_key,
    ),
    Defect(
        oracle="cyclonus",
        name="absent equals empty",
        reason="a label that is absent matches a matchLabels entry whose value is empty",
        text="A single {key,value} in the matchLabels map is equivalent to an element of matchExpressions, whose key "
        'field is "key", the operator is "In", and the values array contains only "value".',
        source=f"{_LABELS}#resources-that-support-set-based-requirements",
        applies=_empty_value_without_key,
    ),
    Defect(
        oracle="nca",
        name="absent equals empty in namespaces",
        reason="a namespace's label that is absent counts as one with an empty value",
        text="all resources with key equal to environment and value equal to production or qa",
        source=f"{_LABELS}#set-based-requirement",
        applies=_empty_namespace_value_without_key,
    ),
    Defect(
        oracle="nca",
        name="Exists stays in the namespace",
        reason="Exists and DoesNotExist in a peer's podSelector look only at pods in the policy's own namespace",
        text="namespaceSelector and podSelector: A single to/from entry that specifies both namespaceSelector and "
        "podSelector selects particular Pods within particular namespaces",
        source=f"{_POLICIES}#behavior-of-to-and-from-selectors",
        applies=_key_in_another_namespace,
    ),
    Defect(
        oracle="nca",
        name="pods have no addresses",
        reason="an ipBlock never holds a pod's address",
        text="This selects particular IP CIDR ranges to allow as ingress sources or egress destinations. These should "
        "be cluster-external IPs, since Pod IPs are ephemeral and unpredictable.",
        source=f"{_POLICIES}#behavior-of-to-and-from-selectors",
        applies=_pod_in_block,
    ),
    Defect(
        oracle="nca",
        name="an empty egress list isolates",
        reason="without policyTypes, an egress list that is there but empty makes the policy one for egress",
        text="If no policyTypes are specified on a NetworkPolicy then by default Ingress will always be set and Egress "
        "will be set if the NetworkPolicy has any egress rules",
        source=f"{_POLICIES}#networkpolicy-resource",
        applies=_empty_egress_without_types,
    ),
)
