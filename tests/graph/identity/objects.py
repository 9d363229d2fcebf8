"""Small meshes for the tests of the identity layer: the policies are about `web` of namespace b, called from a."""

from typing import Any

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import ContainerPort, Endpoint, Proxy, Request, Workload
from tenantmesh.graph.identity import IdentityLayer
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.graph.verdict import Answer, LayerVerdict
from tenantmesh.manifest import Manifest, ManifestObject

Body = dict[str, Any]
SECURITY = "security.istio.io/v1"
NETWORKING = "networking.istio.io/v1"
GET = Request(port=8080)
TCP = Request(port=8080, method="", path="")
STRANGER = Workload(namespace="legacy", name="old", addresses=("10.9.0.1",))
"""A pod without a proxy."""


def made(api_version: str, kind: str, name: str, place: str, **fields: Any) -> ManifestObject:
    metadata: Body = {"name": name, "namespace": place, **fields.pop("metadata", {})}
    return ManifestObject(body={"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields})


def namespace(name: str, **labels: str) -> ManifestObject:
    """A namespace whose pods get proxies; labels are spelled with `_` for `-`, and replace that."""
    found = {key.replace("_", "-"): value for key, value in (labels or {"istio_injection": "enabled"}).items()}
    return ManifestObject(body={"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": found}})


def policy(action: str, *rules: Body, name: str = "policy", place: str = "b", **fields: Any) -> ManifestObject:
    """An AuthorizationPolicy of namespace b; `metadata` and fields of its spec as keywords."""
    metadata = fields.pop("metadata", {})
    spec = {"action": action, "rules": list(rules), **fields}
    return made(SECURITY, "AuthorizationPolicy", name, place, metadata=metadata, spec=spec)


def peers(place: str = "b", mode: str = "STRICT", name: str = "peers", **fields: Any) -> ManifestObject:
    """A PeerAuthentication; "" as mode leaves it out."""
    metadata = fields.pop("metadata", {})
    spec = {**({"mtls": {"mode": mode}} if mode else {}), **fields}
    return made(SECURITY, "PeerAuthentication", name, place, metadata=metadata, spec=spec)


def tokens(*issuers: str, place: str = "b", **fields: Any) -> ManifestObject:
    """A RequestAuthentication that accepts tokens of these issuers."""
    rules = [{"issuer": one, "jwks": "{}", **fields} for one in issuers]
    return made(SECURITY, "RequestAuthentication", "tokens", place, spec={"jwtRules": rules})


def of(**source: list[str]) -> Body:
    """A rule with one source."""
    return {"from": [{"source": source}]}


def to(**operation: list[str]) -> Body:
    """A rule with one operation."""
    return {"to": [{"operation": operation}]}


def client(place: str = "a", account: str = "client", **fields: Any) -> Workload:
    """A member of the mesh."""
    return Workload(namespace=place, name="client", service_account=account, **{"proxy": Proxy.SIDECAR, **fields})


def web(**fields: Any) -> Workload:
    """The pod that is called."""
    ports = (ContainerPort(number=8080, name="http"), ContainerPort(number=9090, name="admin"))
    given = {"labels": {"app": "web"}, "ports": ports, "proxy": Proxy.SIDECAR, **fields}
    return Workload(namespace="b", name="web", **given)


def layer(*objects: ManifestObject, **settings: Any) -> IdentityLayer:
    """The layer over these objects in two namespaces of a mesh; `settings` are the mesh's."""
    known = {one.key.name for one in objects if one.key.kind == "Namespace"}
    places = [namespace(name) for name in ("a", "b", "istio-system") if name not in known]
    mesh = MeshSettings(**{"assumed": False, **settings})
    return IdentityLayer(Cluster(Manifest.of([*places, *objects]), mesh=mesh))


def verdict(
    objects: tuple[ManifestObject, ...],
    source: Endpoint | None = None,
    request: Request = GET,
    destination: Workload | None = None,
    **settings: Any,
) -> LayerVerdict:
    return layer(*objects, **settings).verdict(source or client(), destination or web(), request)


def answer(
    objects: tuple[ManifestObject, ...],
    source: Endpoint | None = None,
    request: Request = GET,
    destination: Workload | None = None,
    **settings: Any,
) -> Answer:
    return verdict(objects, source, request, destination, **settings).answer
