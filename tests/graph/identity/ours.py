"""The same questions to the prover and to the oracle: what the layer says, and what the proxy does with its filters."""

from collections.abc import Iterable, Mapping
from typing import Any

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Endpoint, Outside, Proxy, Request
from tenantmesh.graph.identity import IdentityLayer
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.manifest import Manifest, ManifestObject
from tests.graph.identity.envoy import Seen, passes
from tests.graph.identity.generator import NAMESPACES, ROOT, World, tokens
from tests.graph.identity.istio import Asked, Told

Body = Mapping[str, Any]


def cluster(bodies: Iterable[Body], mesh: MeshSettings | None = None) -> Cluster:
    """A cluster of these objects, in a mesh that is set as it comes unless `mesh` says else."""
    manifest = Manifest.of(ManifestObject(body=body) for body in bodies)
    return Cluster(manifest, mesh=mesh or MeshSettings(assumed=False))


def layer(world: World) -> IdentityLayer:
    """The layer over a random mesh, in whose every namespace proxies are injected."""
    domain, *aliases = world.trust_domains
    spaces = [namespace(name) for name in (*NAMESPACES, ROOT)]
    mesh = MeshSettings(trust_domain=domain, trust_domain_aliases=tuple(aliases), assumed=False)
    return IdentityLayer(cluster([*spaces, *world.policies, tokens()], mesh))


def namespace(name: str) -> Body:
    """A namespace whose pods get a proxy."""
    labels = {"istio-injection": "enabled"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def asked(world: World) -> Asked:
    """A random mesh as the oracle is asked about it."""
    pod = world.destination
    return Asked(pod.namespace, pod.labels, world.policies, ROOT, world.trust_domains)


def proxied(world: World, told: Told, source: Endpoint, request: Request) -> bool:
    """What the proxy of the destination does with a request, by what it is told."""
    mode = told.per_port.get(request.port, told.mode)
    member = not isinstance(source, Outside) and source.proxy is not Proxy.NONE
    if mode == "STRICT" and not member:
        return False
    shows = member and mode != "DISABLE"
    seen = _seen(world, source if shows else None, source, request)
    return passes(told.http if request.method else told.tcp, seen)


def _seen(world: World, shown: Endpoint | None, source: Endpoint, request: Request) -> Seen:
    principal = None
    if shown is not None and not isinstance(shown, Outside):
        principal = f"spiffe://{world.trust_domains[0]}/ns/{shown.namespace}/sa/{shown.service_account}"
    address = source.address if isinstance(source, Outside) else source.addresses[0]
    return Seen(
        port=request.port,
        principal=principal,
        source=address,
        destination=world.destination.addresses[0],
        sni=request.sni,
        headers=_headers(request),
        claims=_claims(request) if request.method else None,
    )


def _headers(request: Request) -> Mapping[str, str]:
    if not request.method:
        return {}
    authority = {":authority": request.host} if request.host else {}
    return {**request.headers, **authority, ":method": request.method, ":path": request.path}


def _claims(request: Request) -> Mapping[str, Any] | None:
    """The payload of the token as Envoy keeps it, in which some claims are lists of words."""
    if not request.request_principal:
        return None
    issuer, _, subject = request.request_principal.rpartition("/")
    claims = {**request.claims, "iss": issuer, "sub": subject, "aud": list(request.audiences)}
    if request.presenter:
        claims["azp"] = request.presenter
    for name in ("scope", "permission"):
        if isinstance(claims.get(name), str):
            claims[name] = claims[name].split(" ")
    return claims
