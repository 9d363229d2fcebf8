"""NetworkPolicies in the lab: rules in the node's namespace, by what an independent oracle says of each flow.

It stands for a network plugin, of which none can be had as a program that runs here. tenantmesh's own prover has no
part in it: what this blocks is what cyclonus denies. What is denied is rejected with "administratively prohibited",
which a client sees as no route to the host, and not as a refused connection. As with other plugins, a connection that
stands outlives a policy against it, and the node itself reaches every pod, for its kubelet has to probe them. Of
protocols other than TCP and UDP, those pass between two ends between which everything may.
"""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from msgspec import Struct

from tenantmesh.cluster.api import Api
from tenantmesh.lab import links
from tenantmesh.lab.collected import Collected, Objects
from tenantmesh.lab.flows import Group, Ports, blocks_of, outside_groups, pod_groups, port_ranges
from tenantmesh.lab.node import Node
from tenantmesh.lab.oracle import ask_oracle

_PATHS = {
    "namespaces": "/api/v1/namespaces",
    "pods": "/api/v1/pods",
    "policies": "/apis/networking.k8s.io/v1/networkpolicies",
}
_REJECT = "-j REJECT --reject-with icmp-admin-prohibited"


class Question(Struct, frozen=True, kw_only=True):
    """What the oracle is asked: each group to each group, on each range of ports."""

    namespaces: Mapping[str, Mapping[str, str]]
    groups: Sequence[Group]
    ports: Sequence[Ports]
    policies: Sequence[Any]

    def body(self) -> dict[str, Any]:
        """As the oracle reads it."""
        ports = [{"number": one.first, "protocol": one.protocol} for one in self.ports]
        ends = [group.end for group in self.groups]
        return {"namespaces": self.namespaces, "ends": ends, "ports": ports, "policies": self.policies}


class Enforcement:
    """Keeps the rules of `node` as the policies that `api` serves want them; `oracle` is cyclonus' program."""

    def __init__(self, api: Api, node: Node, oracle: Path) -> None:
        self._node = node
        self._oracle = oracle
        self._asked: Question | None = None
        self._collected = Collected(api, _PATHS, self.apply)

    def start(self) -> None:
        """Follow the cluster in threads, for as long as this process lives."""
        self._collected.start()

    def refresh(self) -> None:
        """Look again, as after a pod got its network: before that its address may do nothing."""
        self._collected.touch()

    def apply(self, objects: Objects) -> None:
        """Put the rules for these `namespaces`, `pods` and `policies` in place, in one step."""
        question = question_about(objects, self._node)
        if question == self._asked:
            return
        (tables,) = ask_oracle(self._oracle, [question.body()])
        text = rules(question, tables.kubernetes_labels, self._node.pod_range)
        links.run(*self._node.enter(self._node.namespace), "iptables-restore", "--table", "filter", given=text)
        self._asked = question


def question_about(objects: Objects, node: Node) -> Question:
    """The question that decides every flow between the pods on `node`, and between them and the world."""
    policies = [
        {"metadata": {key: one["metadata"][key] for key in ("name", "namespace")}, "spec": one["spec"]}
        for one in objects["policies"]
    ]
    blocks = blocks_of(policies)
    pods = pod_groups(objects["pods"], blocks, node.attached)
    groups = [*pods, *outside_groups(blocks, (node.host_address, node.address))]
    return Question(
        namespaces={one["metadata"]["name"]: one["metadata"].get("labels", {}) for one in objects["namespaces"]},
        groups=groups,
        ports=port_ranges(policies, groups),
        policies=policies,
    )


def rules(question: Question, table: str, pods: IPv4Network) -> str:
    """The node's whole filter table, as `iptables-restore` reads it; `pods` is the range of all pods' addresses."""
    places = _places(question.groups, pods)
    own = [place for group in question.groups if group.is_pod for place in group.prefixes]
    chains = [":INPUT ACCEPT", ":FORWARD ACCEPT", ":OUTPUT ACCEPT", *(f":FROM-{source} -" for source in _all(question))]
    lines = ["-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"]
    # A pod reaches itself by its Service, whatever the policies say.
    lines += [f"-A FORWARD -s {place} -d {place} -j ACCEPT" for place in own]
    for place, sources in places:
        lines += [f"-A FORWARD -s {place} -j FROM-{source}" for source in sources]
        lines.append(f"-A FORWARD -s {place} {_REJECT}")
    for source in _all(question):
        for place, destinations in places:
            for destination in destinations:
                allowed = _allowed(question, table, source, destination)
                lines += [f"-A FROM-{source} -d {place} {match}-j ACCEPT" for match in allowed]
            lines.append(f"-A FROM-{source} -d {place} {_REJECT}")
    return "\n".join(["*filter", *(f"{chain} [0:0]" for chain in chains), *lines, "COMMIT", ""])


def _all(question: Question) -> range:
    """The groups by their numbers."""
    return range(len(question.groups))


def _places(groups: Sequence[Group], pods: IPv4Network) -> list[tuple[IPv4Network, list[int]]]:
    """Each prefix with the groups that are there, the longest first.

    An address in the pods' range that no pod is known to have is nobody's: a pod that just started waits for its rules.
    """
    found: dict[IPv4Network, list[int]] = {pods: []}
    known = {place for group in groups if group.is_pod for place in group.prefixes}
    for number, group in enumerate(groups):
        for place in group.prefixes:
            if group.is_pod or place not in known:
                found.setdefault(place, []).append(number)
    return sorted(found.items(), key=lambda item: (-item[0].prefixlen, item[0]))


def _allowed(question: Question, table: str, source: int, destination: int) -> Iterator[str]:
    """What a rule has to match for each range of ports that is allowed; "" where everything is."""
    count = len(question.ports)
    start = (source * len(question.groups) + destination) * count
    answers = table[start : start + count]
    if "0" not in answers:
        yield ""
        return
    for ports, answer in zip(question.ports, answers, strict=True):
        if answer == "1":
            yield f"-p {ports.protocol.lower()} --dport {ports.first}:{ports.last} "
