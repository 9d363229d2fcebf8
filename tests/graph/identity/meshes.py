"""Random meshes for the laws: pods with sidecars, in ambient, and gateways with random servers."""

from random import Random

from tenantmesh.graph.flow import Proxy, Workload
from tenantmesh.graph.identity import IdentityLayer
from tenantmesh.graph.mesh import MeshSettings
from tests.graph.identity.generator import NAMESPACES, PORTS, ROOT, World, tokens, world
from tests.graph.identity.ours import Body, cluster, layer, namespace

_MODES = ("SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL", "ISTIO_MUTUAL", "PASSTHROUGH", "AUTO_PASSTHROUGH")


def labels(random: Random) -> dict[str, str]:
    """Labels that the policies of the meshes select, or not."""
    return random.choice(({}, {"app": "web"}, {"app": "db"}, {"app": "web", "tier": "x"}, {"zone": "1"}))


def sidecars(random: Random) -> tuple[IdentityLayer, Workload]:
    """A mesh of sidecars, and a pod that nobody has made yet."""
    mesh = world(random)
    return layer(mesh), _bare(mesh)


def ambient(random: Random) -> tuple[IdentityLayer, Workload]:
    """A mesh of ambient, and a pod that nobody has made yet."""
    mesh = world(random)
    place = {"istio.io/dataplane-mode": "ambient"}
    own = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "app", "labels": place}}
    pod = _bare(mesh)
    ours = _layer(mesh, own)
    return ours, Workload(namespace=pod.namespace, name=pod.name, ports=pod.ports, proxy=Proxy.AMBIENT)


def gateways(random: Random) -> tuple[IdentityLayer, Workload]:
    """A mesh with a gateway, whose pods are there."""
    mesh = world(random)
    servers = [_server(random, port) for port in random.sample(PORTS, random.randint(1, 3))]
    gateway = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "door", "namespace": "app"},
        "spec": {"selector": {"istio": "door"}, "servers": servers},
    }
    template = {
        "metadata": {
            "labels": {"istio": "door", "sidecar.istio.io/inject": "true", **labels(random)},
            "annotations": {"inject.istio.io/templates": "gateway"},
        },
        "spec": {"containers": [{"name": "istio-proxy", "image": "auto"}]},
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "door", "namespace": "app"},
        "spec": {"template": template},
    }
    ours = _layer(mesh, namespace("app"), gateway, deployment)
    return ours, ours.enforced.cluster.workloads["app"][0]


KINDS = {"sidecars": sidecars, "ambient": ambient, "gateways": gateways}


def _bare(mesh: World) -> Workload:
    pod = mesh.destination
    return Workload(namespace=pod.namespace, name=pod.name, ports=pod.ports, proxy=pod.proxy)


def _layer(mesh: World, *own: Body) -> IdentityLayer:
    """The layer where the namespace `app` is what `own` says."""
    domain, *aliases = mesh.trust_domains
    others = [namespace(name) for name in (*NAMESPACES, ROOT) if name != "app"]
    settings = MeshSettings(trust_domain=domain, trust_domain_aliases=tuple(aliases), assumed=False)
    return IdentityLayer(cluster([*own, *others, *mesh.policies, tokens()], settings))


def _server(random: Random, port: int) -> Body:
    protocol = random.choice(("HTTPS", "HTTPS", "TLS", "HTTP", "TCP"))
    tls = {"tls": {"mode": random.choice(_MODES)}} if protocol in ("HTTPS", "TLS") else {}
    return {"port": {"number": port, "name": f"p{port}", "protocol": protocol}, "hosts": ["*"], **tls}
