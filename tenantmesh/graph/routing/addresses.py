"""What an address or a DNS name that an object lists stands for: pods, a Service, the outside, or nobody can tell."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property
from ipaddress import ip_address, ip_network
from typing import Final, NamedTuple

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Outside, Workload
from tenantmesh.graph.routing.hosts import without_port
from tenantmesh.graph.routing.services import Resolution, Service


class Place(NamedTuple):
    """What is at an address; `unsure` when it may be any pod's."""

    pods: tuple[Workload, ...] = ()
    service: Service | None = None
    outside: Outside | None = None
    unsure: bool = False


_EMPTY: Final[Mapping[str, str]] = {}
NOWHERE: Final = Place()
UNSURE: Final = Place(unsure=True)


class Addresses:
    """Addresses of live pods and of Services, and the names that the cluster's DNS knows."""

    def __init__(self, cluster: Cluster, named: Callable[[str], Mapping[str, Service]]) -> None:
        self._cluster = cluster
        self._named = named
        self._suffix = f".svc.{cluster.mesh.cluster_domain}"
        self._pod_networks = tuple(ip_network(one, strict=False) for one in cluster.pod_cidrs)

    def at(self, address: str) -> Place:
        """What is at `address`, which is an IP address or a DNS name; nothing for a socket or the proxy's own pod."""
        if not address or address.startswith("unix:"):
            return NOWHERE
        try:
            ip_address(address)
        except ValueError:
            return self._by_name(address.lower().rstrip("."))
        return self._by_number(address)

    def in_block(self, block: str) -> Place:
        """What is in a block of addresses, or at one address: a block is unsure where pods may have theirs."""
        try:
            network = ip_network(block, strict=False)
        except ValueError:
            return UNSURE
        if network.num_addresses == 1:
            return self._by_number(str(network.network_address))
        if self._pod_networks:
            inside = any(one.version == network.version and one.overlaps(network) for one in self._pod_networks)
        else:
            inside = not network.is_global
        return UNSURE if inside else Place(outside=Outside(address=str(network)))

    def service(self, host: str) -> Service | None:
        """The Kubernetes Service that the cluster's DNS means by `host`, written at least as `name.namespace`."""
        short = host.removesuffix(self._suffix).removesuffix(".svc")
        name, dot, namespace = short.partition(".")
        if not dot or "." in namespace:
            return None
        return self._named(namespace).get(name)

    @cached_property
    def aliases(self) -> Mapping[str, Service]:
        """All ExternalNames by their host."""
        found: dict[str, Service] = {}
        for namespace, objects in self._cluster.objects("", "Service").items():
            if any((one.body.get("spec") or _EMPTY).get("type") == "ExternalName" for one in objects):
                found |= {one.host: one for one in self._named(namespace).values() if one.target_host}
        return found

    def meant(self, host: str, namespace: str) -> tuple[str, ...]:
        """The full names that a pod of `namespace` may mean by an authority, in the order in which they are tried."""
        name = without_port(host)
        own = f"{name}.{namespace}{self._suffix}"
        if "." not in name:
            return own, name
        headless = (own,) if self.headless(own) else ()
        longer = f"{name.removesuffix('.svc')}{self._suffix}"
        return name, *headless, longer

    def headless(self, host: str) -> Service | None:
        """The headless Service of whose pods `host` may name one, as `shop-0.shop.default` does."""
        found = self.service(host.partition(".")[2])
        return found if found is not None and found.resolution is Resolution.ASKED else None

    def canonical(self, host: str) -> str:
        """The name that `host` stands for by ExternalNames, which are CNAMEs; itself where they lead in a circle."""
        name, seen = host, {host}
        while (found := self.service(name)) is not None and found.target_host:
            name = found.target_host
            if name in seen:
                return host
            seen.add(name)
        return name

    def _by_name(self, name: str) -> Place:
        name = self.canonical(name)
        found = self.service(name)
        if found is not None:
            return NOWHERE if found.target_host else Place(service=found)
        if name.endswith((self._suffix, ".svc")) or name == "localhost":
            return NOWHERE
        return UNSURE if "." not in name else Place(outside=Outside(host=name))

    def _by_number(self, address: str) -> Place:
        number = ip_address(address)
        if number.is_loopback:
            return NOWHERE
        pods = self._pods.get(address)
        if pods:
            return Place(pods=tuple(pods))
        service = self._clusters.get(address)
        if service is not None:
            return Place(service=service)
        networks = self._pod_networks
        inside = any(number in one for one in networks) if networks else not number.is_global
        return UNSURE if inside else Place(outside=Outside(address=address))

    @cached_property
    def _pods(self) -> Mapping[str, list[Workload]]:
        found: defaultdict[str, list[Workload]] = defaultdict(list)
        for some in self._cluster.workloads.values():
            for one in some:
                for address in one.addresses:
                    found[address].append(one)
        return found

    @cached_property
    def _clusters(self) -> Mapping[str, Service]:
        spaces = self._cluster.objects("", "Service")
        return {address: one for space in spaces for one in self._named(space).values() for address in one.addresses}
