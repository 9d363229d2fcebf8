"""The same questions to the layer and to Istio's translation: who gets what a pod sends to a host and port."""

from collections.abc import Mapping

from msgspec import Struct

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Outside, Request, Workload
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.graph.opening import Opening
from tenantmesh.graph.routing import RoutingLayer
from tenantmesh.manifest import Manifest, ManifestObject
from tests.graph.routing.gates import PORT, Knock
from tests.graph.routing.placed import NAMESPACES, VERSIONS, Body, Pod
from tests.graph.routing.sending import Sent, Told, clusters, ends
from tests.graph.routing.worlds import Question, World


class Ours(Struct, frozen=True):
    """A random mesh as the layer reads it."""

    layer: RoutingLayer
    pods: Mapping[str, Workload]
    """By address."""
    openings: Mapping[str, tuple[Opening, ...]]
    """By namespace."""

    @classmethod
    def of(cls, world: World) -> "Ours":
        """With the mesh's own settings, which nobody has to assume."""
        objects = (ManifestObject(body=body) for body in (*world.kubernetes, *world.istio))
        mesh = MeshSettings(assumed=False, registry_only=world.registry_only)
        cluster = Cluster(Manifest.of(objects), mesh=mesh)
        pods = {one.addresses[0]: one for some in cluster.workloads.values() for one in some}
        layer = RoutingLayer(cluster)
        return cls(layer, pods, {name: layer.openings(name) for name in NAMESPACES})

    def pod(self, one: Pod) -> Workload:
        """A pod of the mesh."""
        return self.pods[one.address]


def arrived(world: World, told: Told, asked: Question) -> frozenset[str]:
    """The addresses, with their port, that get the request by what the sidecar of its source is told."""
    found = clusters(told, Sent(asked.port, _head(asked.host, asked.request)))
    passing = {told.passing[name] or asked.port for name in found if name in told.passing}
    return frozenset(ends(told, found).union(*(_by_name(world, asked, port) for port in passing)))


def _head(host: str, request: Request) -> Mapping[str, str]:
    return {**request.headers, ":authority": host, ":path": request.path, ":method": request.method}


def _by_name(world: World, asked: Question, port: int, hops: int = 4) -> set[str]:
    """Who is at a port of the address that the cluster's DNS finds for the host: a Service's, or those of its pods."""
    short = asked.host.removesuffix(".cluster.local").removesuffix(".svc")
    first, _, rest = short.partition(".")
    # The pods of a headless Service have names below its own.
    version = first if first in VERSIONS else ""
    name, _, space = (rest if version else short).partition(".")
    found = _service(world, space or asked.source.namespace, name)
    if found is None or (version and found["spec"].get("clusterIP") != "None"):
        return set()
    if "externalName" in found["spec"]:
        alias = asked._replace(host=found["spec"]["externalName"])
        return _by_name(world, alias, port, hops - 1) if hops else set()
    there = {one["port"]: one["targetPort"] for one in found["spec"]["ports"]}
    number = port if found["spec"]["clusterIP"] == "None" else there.get(port)
    pods = (pod for pod in world.pods if _selects(found, pod) and version in ("", pod.version))
    return {f"{pod.address}:{number}" for pod in pods if number}


def _service(world: World, namespace: str, name: str) -> Body | None:
    services = (one for one in world.kubernetes if one["kind"] == "Service")
    wanted = {"name": name, "namespace": namespace}
    return next((one for one in services if wanted.items() <= one["metadata"].items()), None)


def _selects(service: Body, pod: Pod) -> bool:
    own = service["metadata"]["namespace"] == pod.namespace
    return own and service["spec"]["selector"].items() <= pod.labels.items()


def let_in(told: Told, knock: Knock) -> frozenset[str]:
    """The addresses, with their port, to which a gateway sends a request from outside by what it is told."""
    return frozenset(ends(told, clusters(told, Sent(knock.request.port, _head(knock.host, knock.request)))))


def resolved(ours: Ours, asked: Question) -> frozenset[str] | None:
    """The same by the layer; None where it can't tell."""
    route = ours.layer.resolve(ours.pod(asked.source), asked.host, asked.port, asked.request)
    there = [(one.destination, one.port) for one in route.arrivals]
    if any(end is None for end, _ in there):
        return None
    return frozenset(f"{end.addresses[0]}:{port}" for end, port in there if isinstance(end, Workload))


def resolved_at(ours: Ours, knock: Knock) -> frozenset[str]:
    """The pods that the gateway which is knocked at sends it to, by the layer."""
    route = ours.layer.resolve(Outside(), knock.host, PORT, knock.request)
    here = ours.pod(knock.gate)
    return frozenset(
        f"{one.destination.addresses[0]}:{one.port}"
        for one in route.arrivals
        if one.gateways[:1] == (here,) and isinstance(one.destination, Workload)
    )
