"""What every check reads: the cluster, what is meant, the layers, the day."""

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tenantmesh.checks.declarations.intent import Intent
from tenantmesh.checks.declarations.permissive import Permitted
from tenantmesh.checks.doors import Doors
from tenantmesh.checks.layers import Layers
from tenantmesh.graph.bypass import Bypasses
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.exposure import Exposures
from tenantmesh.graph.flow import Proxy
from tenantmesh.graph.identity import IdentityLayer
from tenantmesh.graph.identity.peer import PeerAuthentications
from tenantmesh.graph.routing.subsets import SubsetBook
from tenantmesh.graph.trust import Trust
from tenantmesh.graph.workloads import proxy
from tenantmesh.manifest import ManifestObject

_MESH_GROUPS = ("security.istio.io", "networking.istio.io")


@dataclass(frozen=True, kw_only=True)
class Context:
    """One cluster and one intent; everything that is worked out for all tenants is worked out once, here."""

    cluster: Cluster
    intent: Intent
    layers: Layers
    today: datetime.date

    @cached_property
    def doors(self) -> Doors:
        """The ports that gateways open to the outside."""
        return Doors(self.cluster)

    @cached_property
    def exposures(self) -> Exposures:
        """What Services and pods expose."""
        return Exposures(self.cluster)

    @cached_property
    def bypasses(self) -> Bypasses:
        """Who goes around the mesh."""
        return Bypasses(self.cluster)

    @cached_property
    def peers(self) -> PeerAuthentications:
        """What workloads ask their peers for."""
        return PeerAuthentications(self.cluster)

    @cached_property
    def destination_rules(self) -> SubsetBook:
        """What clients are told of the services that they call."""
        return SubsetBook(self.cluster)

    @cached_property
    def trust(self) -> Trust:
        """Keys, certificates and who uses them."""
        return Trust(self.cluster)

    @cached_property
    def strangers(self) -> Mapping[str, IdentityLayer]:
        """For each trust domain of another mesh, what is asked of its identities."""
        domains = self.cluster.mesh.foreign_domains
        return {domain: IdentityLayer(self.cluster.asked_from(domain)) for domain in domains}

    @cached_property
    def has_mesh(self) -> bool:
        """Whether there is a mesh at all. Without one, identity and routing keep nobody apart, and nobody says so."""
        if any(group in _MESH_GROUPS for group, _ in self.cluster.kinds):
            return True
        return any(self.proxy_in(name) is not Proxy.NONE for name in self.cluster.namespaces)

    def proxy_in(self, namespace: str) -> Proxy:
        """How a pod that says nothing itself takes part in the mesh there."""
        found = self.cluster.namespaces.get(namespace)
        return proxy({}, {}, found.labels if found else {}, host_network=False)

    @cached_property
    def permitted(self) -> Mapping[str, tuple[Permitted, ...]]:
        """What each tenant's workloads may take in plain text today; a tenant without any is not there."""
        found: defaultdict[str, tuple[Permitted, ...]] = defaultdict(tuple)
        for one in self.intent.permitted:
            if one.expires >= self.today:
                found[one.tenant] += (one,)
        return dict(found)

    def objects(self, tenant: str, group: str, kind: str) -> Iterator[ManifestObject]:
        """A tenant's objects of a kind, in order."""
        by_namespace: Mapping[str, tuple[ManifestObject, ...]] = self.cluster.objects(group, kind)
        for namespace in self.intent.tenants[tenant]:
            yield from by_namespace.get(namespace, ())

    def namespace_object(self, namespace: str) -> tuple[ManifestObject, ...]:
        """The Namespace itself, to point at where an object is missing; empty when it is only mentioned."""
        found = self.cluster.namespaces.get(namespace)
        return (found.object,) if found and found.object else ()
