"""What stands in the clusters of the random meshes: namespaces, pods, and Services with their EndpointSlices."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, NamedTuple

NAMESPACES = ("a", "b", "c")
APPS = ("web", "shop")
VERSIONS = ("v1", "v2")
LISTENS = 8080

Body = dict[str, Any]


class Pod(NamedTuple):
    """A pod with a sidecar."""

    namespace: str
    app: str
    version: str
    address: str

    @property
    def name(self) -> str:
        """The object's name."""
        return f"{self.app}-{self.version}"

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""
        return {"app": self.app, "version": self.version, "place": self.namespace}


def full_name(namespace: str, app: str) -> str:
    """A Service's host."""
    return f"{app}.{namespace}.svc.cluster.local"


def every_pod() -> Iterator[Pod]:
    """The pods of every mesh: two versions of two apps in each namespace."""
    for number, namespace in enumerate(NAMESPACES, 1):
        for index, app in enumerate(APPS):
            for at, version in enumerate(VERSIONS):
                yield Pod(namespace, app, version, f"10.0.{number}.{10 * index + at + 1}")


def namespace(name: str) -> Body:
    """A namespace whose pods get sidecars."""
    labels = {"istio-injection": "enabled", "kubernetes.io/metadata.name": name}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def pod_body(one: Pod) -> Body:
    """A pod as the cluster has it."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": one.name, "namespace": one.namespace, "labels": dict(one.labels)},
        "spec": {"containers": [{"name": "app", "ports": [{"containerPort": LISTENS, "name": "web"}]}]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
            "podIP": one.address,
            "podIPs": [{"ip": one.address}],
        },
    }


def services(random: Random) -> Iterator[Body]:
    """A Service for each app of each namespace: with an address, headless, or another name of one."""
    for number, namespace in enumerate(NAMESPACES, 1):
        for index, app in enumerate(APPS, 1):
            ports = [{"name": "http", "port": 80, "targetPort": LISTENS}]
            if random.random() < 0.5:
                ports.append({"name": "http-more", "port": 8080, "targetPort": LISTENS})
            selector = {"app": app} | ({"version": "v1"} if random.random() < 0.2 else {})
            export = random.choice((None, None, None, "*", ".", "~", "a", "a,b"))
            metadata: Body = {"name": app, "namespace": namespace}
            if export is not None:
                metadata["annotations"] = {"networking.istio.io/exportTo": export}
            spec: Body = {"ports": ports}
            if random.random() < 0.1:
                spec |= {
                    "type": "ExternalName",
                    "externalName": full_name(random.choice(NAMESPACES), random.choice(APPS)),
                }
            else:
                address = "None" if random.random() < 0.2 else f"10.96.{number}.{index}"
                spec |= {"selector": selector, "clusterIP": address}
            yield {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def slices(made: list[Body], pods: tuple[Pod, ...]) -> Iterator[Body]:
    """What the controller of EndpointSlices makes of the services."""
    for one in made:
        if "selector" not in one["spec"]:
            continue
        name, namespace = one["metadata"]["name"], one["metadata"]["namespace"]
        selected = [pod for pod in pods if pod.namespace == namespace]
        selected = [pod for pod in selected if one["spec"]["selector"].items() <= pod.labels.items()]
        labels = {
            "kubernetes.io/service-name": name,
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        }
        yield {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": f"{name}-1", "namespace": namespace, "labels": labels},
            "addressType": "IPv4",
            "ports": [{"name": port["name"], "port": port["targetPort"]} for port in one["spec"]["ports"]],
            "endpoints": [
                {
                    "addresses": [pod.address],
                    "conditions": {"ready": True},
                    "targetRef": {"kind": "Pod", "name": pod.name, "namespace": namespace},
                }
                for pod in selected
            ],
        }
