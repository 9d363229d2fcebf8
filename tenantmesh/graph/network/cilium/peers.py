"""The lists of peers that a rule of Cilium's policies may have, one reader each."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tenantmesh.graph.cidrs import Block, block, network
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.fits import Fit
from tenantmesh.graph.labels import EVERYTHING, selector
from tenantmesh.graph.network.cilium.endpoints import endpoints
from tenantmesh.graph.network.cilium.entities import ENTITIES, CidrPeer
from tenantmesh.graph.network.names import READERS
from tenantmesh.graph.network.peers import NodePeer, Peer, PodPeer, UnknownPeer
from tenantmesh.graph.network.shape import Unreadable, fields, items, text

GROUP: Final = "cilium.io"
_CIDR_SET: Final = frozenset({"cidr", "except", "cidrGroupRef", "cidrGroupSelector"})
_ONE: Final = 1


class PeerReader:
    """Reads the peers of one policy, which is of `namespace` ("" for one of the cluster)."""

    def __init__(self, namespace: str, cluster: Cluster) -> None:
        self._namespace = namespace
        self._cluster = cluster
        self.fields: Mapping[str, Callable[[Any, str], Peer]] = {
            "Endpoints": self._endpoint,
            "Entities": _entity,
            "CIDR": _cidr,
            "CIDRSet": self._cidr_set,
            "FQDNs": _name,
            "Services": self._service,
            "Nodes": lambda body, _: NodePeer(selector(body)),
            "Groups": lambda _, path: UnknownPeer(path, "which addresses a group of the cloud has is not known"),
        }

    def peers(self, rule: Mapping[str, Any], path: str, preposition: str) -> tuple[str, tuple[Peer, ...] | None]:
        """The list of peers that `rule` has, with its name; None when it has none. One of several kinds is allowed."""
        stated = [name for name in self.fields if rule.get(preposition + name) is not None]
        if len(stated) > _ONE:
            raise Unreadable(path, f"{' and '.join(preposition + name for name in stated)} in one rule")
        if not stated:
            return preposition, None
        field = preposition + stated[0]
        found = items(rule[field], f"{path}.{field}")
        return field, tuple(self._read(stated[0], one, f"{path}.{field}[{index}]") for index, one in enumerate(found))

    def _read(self, name: str, body: Any, path: str) -> Peer:
        try:
            return self.fields[name](body, path)
        except Unreadable as unreadable:
            return UnknownPeer(unreadable.path, unreadable.reason)
        except ValueError as error:
            return UnknownPeer(path, str(error))

    def _endpoint(self, body: Any, path: str) -> Peer:
        read = endpoints(body)
        if read.reserved:
            return ENTITIES.get(read.reserved) or UnknownPeer(path, f"the entity {read.reserved!r} is not known")
        # Without a word on namespaces it is that of the policy, or any for a policy of the cluster.
        anywhere = None if self._namespace else EVERYTHING
        namespaces = anywhere if read.namespaces is None else read.namespaces
        return PodPeer(self._namespace, namespaces, read.pods, read.accounts)

    def _cidr_set(self, body: Any, path: str) -> Peer:
        known = fields(body, path, _CIDR_SET)
        if known.get("cidr"):
            found = block({"cidr": known["cidr"], "except": known.get("except") or ()})
            return UnknownPeer(path, found) if isinstance(found, str) else CidrPeer((found,))
        if known.get("except"):
            raise Unreadable(f"{path}.except", "exceptions of a group of addresses are not modelled")
        return CidrPeer(tuple(self._group(known, path)))

    def _group(self, known: Mapping[str, Any], path: str) -> Iterator[Block]:
        wanted = selector(known.get("cidrGroupSelector"))
        if wanted.unknown:
            raise Unreadable(f"{path}.cidrGroupSelector", wanted.unknown)
        for one in self._cluster.objects(GROUP, "CiliumCIDRGroup").get("", ()):
            metadata, spec = one.body["metadata"], fields(one.body.get("spec"), path, frozenset({"externalCIDRs"}))
            named = known.get("cidrGroupRef")
            meant = metadata["name"] == named if named else wanted.fit(metadata.get("labels") or {}) is Fit.YES
            if meant:
                yield from (Block(network(text(cidr, path))) for cidr in items(spec.get("externalCIDRs"), path))

    def _service(self, body: Any, path: str) -> Peer:
        known = fields(body, path, frozenset({"k8sService", "k8sServiceSelector"}))
        named = fields(known.get("k8sService"), path, frozenset({"serviceName", "namespace"}))
        namespace = named.get("namespace") or self._namespace
        services = self._cluster.objects("", "Service").get(namespace, ())
        service = next((one for one in services if one.body["metadata"]["name"] == named.get("serviceName")), None)
        spec = service.body.get("spec") if service else None
        pods = spec.get("selector") if isinstance(spec, Mapping) else None
        if not pods or known.get("k8sServiceSelector"):
            raise Unreadable(path, "which pods are behind the service is not known")
        return PodPeer(namespace, None, selector({"matchLabels": pods}))


def _entity(body: Any, path: str) -> Peer:
    return ENTITIES.get(text(body, path)) or UnknownPeer(path, f"the entity {body!r} is not known")


def _cidr(body: Any, path: str) -> Peer:
    cidr = text(body, path)
    whole = cidr if "/" in cidr else f"{cidr}/{128 if ':' in cidr else 32}"
    return CidrPeer((Block(network(whole)),))


def _name(body: Any, path: str) -> Peer:
    known = [(name, value) for name, value in fields(body, path, READERS.keys()).items() if value]
    if len(known) != _ONE:
        raise Unreadable(path, "a name is a matchName or a matchPattern")
    name, value = known[0]
    return READERS[name](text(value, path))
