"""Services in the lab: their addresses and node ports lead to the pods behind them, by rules in the node's namespace.

It stands for kube-proxy, whose own program would bring its whole dependencies for these few rules: cluster addresses,
node ports and the addresses of load balancers, over TCP and UDP, to endpoints that are ready, each connection to one at
random. Session affinity, external addresses and traffic policies do nothing, for there is one node.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from tenantmesh.cluster.api import Api
from tenantmesh.lab import links
from tenantmesh.lab.collected import Collected, Objects
from tenantmesh.lab.node import Node
from tenantmesh.lab.slices import ready_endpoints, service_of

_SERVICES, _SLICES = "/api/v1/services", "/apis/discovery.k8s.io/v1/endpointslices"
_PATHS = {"services": _SERVICES, "slices": _SLICES}
_END = re.compile(r"--to-destination ([\d.]+):(\d+)")
_HEADLESS = "None"
_PROTOCOLS = ("TCP", "UDP")


class Entry(Struct, frozen=True, kw_only=True):
    """Where a port of a Service can be asked for, and the ends that answer there."""

    protocol: str
    entrances: tuple[tuple[str, int], ...]
    """Pairs of an address and a port."""
    ends: tuple[tuple[str, int], ...]
    """Pairs of an address and a port, too."""


class Services:
    """Keeps the rules of `node` as the Services that `api` serves want them."""

    def __init__(self, api: Api, node: Node) -> None:
        self._node = node
        self._collected = Collected(api, _PATHS, self.apply)

    def start(self) -> None:
        """Follow the cluster in threads, for as long as this process lives."""
        self._collected.start()

    def apply(self, objects: Objects) -> None:
        """Put the rules for these `services` and EndpointSlices (`slices`) in place, in one step."""
        found = entries(objects["services"], objects["slices"], self._node.address)
        command = ("iptables-restore", "--table", "nat")
        links.run(*self._node.enter(self._node.namespace), *command, given=rules(found))


def are_applied(api: Api, node: Node) -> bool:
    """Whether the rules in the namespace of `node`, which another process keeps, lead to all ends of today."""
    found = entries(api.get(_SERVICES)["items"], api.get(_SLICES)["items"], node.address)
    text = links.run(*node.enter(node.namespace), "iptables-save", "--table", "nat")
    return {end for entry in found for end in entry.ends} == {(end[1], int(end[2])) for end in _END.finditer(text)}


def entries(services: Iterable[Mapping[str, Any]], slices: Iterable[Mapping[str, Any]], node: str) -> Iterator[Entry]:
    """What each port of each Service leads to; Services without a cluster address (headless, external) give none."""
    ends = _ends(slices)
    for service in services:
        spec, metadata = service["spec"], service["metadata"]
        if spec.get("clusterIP", _HEADLESS) == _HEADLESS:
            continue
        for port in spec.get("ports", []):
            protocol = port.get("protocol", "TCP")
            if protocol in _PROTOCOLS:
                key = (metadata["namespace"], metadata["name"], port.get("name", ""), protocol)
                entrances = tuple(_entrances(service, port, node))
                yield Entry(protocol=protocol, entrances=entrances, ends=tuple(sorted(ends.get(key, ()))))


def rules(found: Iterable[Entry]) -> str:
    """The node's whole nat table, as `iptables-restore` reads it."""
    chains = [":PREROUTING ACCEPT", ":INPUT ACCEPT", ":OUTPUT ACCEPT", ":POSTROUTING ACCEPT"]
    lines: list[str] = []
    own: set[str] = set()
    for number, entry in enumerate(one for one in found if one.ends):
        chain = f"SERVICE-{number}"
        chains.append(f":{chain} -")
        for address, port in entry.entrances:
            match = f"-d {address}/32 -p {entry.protocol.lower()} --dport {port} -j {chain}"
            lines += [f"-A PREROUTING {match}", f"-A OUTPUT {match}"]
        lines += _spread(chain, entry)
        own |= {address for address, _ in entry.ends}
    # A pod that comes to itself by its Service would drop a packet that carries its own address as the sender's.
    lines += [f"-A POSTROUTING -s {address}/32 -d {address}/32 -j MASQUERADE" for address in sorted(own)]
    return "\n".join(["*nat", *(f"{chain} [0:0]" for chain in chains), *lines, "COMMIT", ""])


def _spread(chain: str, entry: Entry) -> Iterator[str]:
    """One rule for each end: the first takes its share, the next one its share of the rest, the last the rest."""
    for taken, (address, port) in enumerate(entry.ends):
        left = len(entry.ends) - taken
        share = f"-m statistic --mode random --probability {1 / left:.10f} " if left > 1 else ""
        yield f"-A {chain} -p {entry.protocol.lower()} {share}-j DNAT --to-destination {address}:{port}"


def _ends(slices: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str, str], set[tuple[str, int]]]:
    found: dict[tuple[str, str, str, str], set[tuple[str, int]]] = {}
    for one in slices:
        service = service_of(one)
        if service is None:
            continue
        ready = [address for endpoint in ready_endpoints(one) for address in endpoint["addresses"]]
        for port in one.get("ports") or []:
            key = (one["metadata"]["namespace"], service, port.get("name", ""), port.get("protocol", "TCP"))
            found.setdefault(key, set()).update((address, port["port"]) for address in ready)
    return found


def _entrances(service: Mapping[str, Any], port: Mapping[str, Any], node: str) -> Iterator[tuple[str, int]]:
    spec = service["spec"]
    yield spec["clusterIP"], port["port"]
    for one in service.get("status", {}).get("loadBalancer", {}).get("ingress", []):
        if "ip" in one:
            yield one["ip"], port["port"]
    if "nodePort" in port:
        yield node, port["nodePort"]
