"""The flows of a cluster in few enough groups to be asked about one by one, and yet all of them.

Ends that no policy can tell apart are one group: pods with the same namespace, labels, ports and place among the blocks
of addresses that policies name, and of the addresses outside those within the same innermost block. Ports between two
that policies name are one range. So the answer for one of each decides all of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, ip_network
from typing import Any, NamedTuple

from msgspec import Struct

Object = Mapping[str, Any]

PROTOCOLS = ("TCP", "UDP")
_FIRST_PORT, _LAST_PORT = 1, 65535
_EVERYWHERE = IPv4Network("0.0.0.0/0")
_OVER = ("Succeeded", "Failed")


class Ports(NamedTuple):
    """A range of ports that policies treat alike; `last` is one of them."""

    protocol: str
    first: int
    last: int


class Group(Struct, frozen=True, kw_only=True):
    """Ends that policies treat alike; with no namespace they are outside the cluster."""

    end: Object
    """One of them, as the oracle takes it."""
    prefixes: tuple[IPv4Network, ...]
    """Where they are: an address is in the group whose longest prefix holds it."""

    @property
    def is_pod(self) -> bool:
        """Whether they are in the cluster."""
        return bool(self.end["namespace"])


def pod_groups(pods: Iterable[Object], blocks: Sequence[IPv4Network], addresses: Mapping[str, str]) -> list[Group]:
    """The pods that have not ended and have an address: by their status, else by `NAMESPACE.NAME` in `addresses`."""
    found: dict[str, tuple[Object, list[IPv4Network]]] = {}
    for pod in pods:
        metadata, status = pod["metadata"], pod.get("status", {})
        given = [one["ip"] for one in status.get("podIPs") or () if ":" not in one["ip"]]
        address = given[0] if given else addresses.get(f"{metadata['namespace']}.{metadata['name']}")
        if address and status.get("phase") not in _OVER:
            end: dict[str, Any] = {
                "namespace": metadata["namespace"],
                "labels": metadata.get("labels") or {},
                "address": address,
                "ports": list(_declared(pod)),
            }
            inside = [str(block) for block in blocks if IPv4Address(address) in block]
            key = repr((end["namespace"], sorted(end["labels"].items()), end["ports"], inside))
            found.setdefault(key, (end, []))[1].append(IPv4Network(address))
    return [Group(end=end, prefixes=tuple(sorted(prefixes))) for end, prefixes in found.values()]


def outside_groups(blocks: Sequence[IPv4Network], others: Iterable[str]) -> list[Group]:
    """The addresses of no pod, by innermost block; each of `others` is told apart from its surroundings too."""
    found: list[Group] = []
    alone = [IPv4Network(address) for address in others]
    for block in sorted({*blocks, _EVERYWHERE}, key=lambda block: -block.prefixlen):
        inner = [other for other in blocks if other != block and other.subnet_of(block)]
        address = _address_in(block, inner)
        members = [one for one in alone if one.subnet_of(block) and not any(one.subnet_of(other) for other in inner)]
        if address is not None:
            end = {"namespace": "", "labels": {}, "address": str(address), "ports": []}
            found.append(Group(end=end, prefixes=(*members, block)))
    return found


def blocks_of(policies: Iterable[Object]) -> list[IPv4Network]:
    """All blocks that policies name, with those that they except; there is no IPv6 in the lab."""
    found: set[IPv4Network] = set()
    for block in (peer["ipBlock"] for peers, _ in _rules(policies) for peer in peers if peer.get("ipBlock")):
        for text in (block["cidr"], *(block.get("except") or ())):
            network = ip_network(text, strict=False)
            if isinstance(network, IPv4Network):
                found.add(network)
    return sorted(found)


def port_ranges(policies: Iterable[Object], groups: Iterable[Group]) -> list[Ports]:
    """All ports, cut where policies can change their mind; a name stands for what any pod calls so."""
    numbers: dict[str, set[int]] = {}
    for group in groups:
        for port in group.end["ports"]:
            numbers.setdefault(port["name"], set()).add(port["number"])
    cuts = {_FIRST_PORT}
    for port in (port for _, ports in _rules(policies) for port in ports if port.get("port") is not None):
        starts = numbers.get(port["port"], set()) if isinstance(port["port"], str) else {port["port"]}
        cuts |= {cut for first in starts for cut in (first, (port.get("endPort") or first) + 1)}
    firsts = sorted(cut for cut in cuts if cut <= _LAST_PORT)
    lasts = [*(first - 1 for first in firsts[1:]), _LAST_PORT]
    return [Ports(protocol, *pair) for protocol in PROTOCOLS for pair in zip(firsts, lasts, strict=True)]


def _declared(pod: Object) -> Iterator[Object]:
    for container in (*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]):
        for one in container.get("ports") or ():
            yield {
                "number": one["containerPort"],
                "protocol": one.get("protocol", "TCP"),
                "name": one.get("name", ""),
            }


def _rules(policies: Iterable[Object]) -> Iterator[tuple[list[Any], list[Any]]]:
    """The peers and the ports of each rule."""
    for policy in policies:
        spec = policy["spec"]
        for direction, peers in (("ingress", "from"), ("egress", "to")):
            for rule in spec.get(direction) or ():
                yield rule.get(peers) or [], rule.get("ports") or []


def _address_in(block: IPv4Network, without: Iterable[IPv4Network]) -> IPv4Address | None:
    """The first address of `block` that is in none of `without`; None if they cover it."""
    address = block.network_address
    for one in sorted(without):
        if address in one:
            address = one.broadcast_address + 1 if one.broadcast_address < block.broadcast_address else None
        if address is None:
            return None
    return address
