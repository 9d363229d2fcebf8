"""The table of the components: which flags each gets, and why where that is not obvious."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from tenantmesh.cluster.layout import Layout
from tenantmesh.cluster.pki import Authority, Circle, Subject, keep_service_account_key

SERVICE_RANGE = "10.96.0.0/16"
"""The addresses of Services."""

POD_RANGE = "10.244.0.0/16"
"""The addresses that kwok gives to pods."""

_LOOPBACK = "127.0.0.1"
_LOCAL = (_LOOPBACK, "localhost")
_API_NAMES = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")
_ADMINISTRATORS = ("system:masters",)

SIMULATED = "tenantmesh.dev/simulated-node"
"""The label of the nodes whose kubelet kwok plays."""

ADMIN = "admin"
"""The name of the administrator's certificate."""

_LEAVES: Mapping[str, tuple[Circle, Subject]] = {
    "etcd": (Circle.ETCD, Subject(user="etcd", hosts=_LOCAL)),
    "etcd-client": (Circle.ETCD, Subject(user="kube-apiserver")),
    "front-proxy-client": (Circle.FRONT_PROXY, Subject(user="front-proxy-client")),
    "kube-apiserver": (Circle.CLUSTER, Subject(user="kube-apiserver", hosts=(*_LOCAL, *_API_NAMES, "10.96.0.1"))),
    "kube-controller-manager": (Circle.CLUSTER, Subject(user="system:kube-controller-manager", hosts=_LOCAL)),
    "kube-scheduler": (Circle.CLUSTER, Subject(user="system:kube-scheduler", hosts=_LOCAL)),
    # kwok plays all kubelets at once, and no role of Kubernetes' own fits that.
    "kwok": (Circle.CLUSTER, Subject(user="kwok", groups=_ADMINISTRATORS)),
    ADMIN: (Circle.CLUSTER, Subject(user="tenantmesh-admin", groups=_ADMINISTRATORS)),
}

API_CLIENTS = ("kube-controller-manager", "kube-scheduler", "kwok")
"""The components that have a kubeconfig."""


class Settings(Struct, frozen=True, kw_only=True):
    """What the flags are made from."""

    layout: Layout
    ports: Mapping[str, int]
    stages: tuple[str, ...]
    """Files with kwok stages."""

    def file(self, name: str) -> str:
        """A file among the certificates."""
        return str(self.layout.pki / name)


def keep_certificates(layout: Layout) -> None:
    """Have every certificate and key that the components need."""
    authorities = {circle: Authority(layout.pki, circle) for circle in Circle}
    for name, (circle, subject) in _LEAVES.items():
        authorities[circle].keep(name, subject)
    keep_service_account_key(layout.pki)


def arguments(component: str, settings: Settings) -> tuple[str, ...]:
    """The command line of a component, without its program."""
    return tuple(f"--{flag}={value}" for flag, value in _FLAGS[component](settings).items())


def _etcd(settings: Settings) -> dict[str, str]:
    client = f"https://{_LOOPBACK}:{settings.ports['etcd']}"
    peer = f"https://{_LOOPBACK}:{settings.ports['etcd-peer']}"
    certificate, key, authority = settings.file("etcd.crt"), settings.file("etcd.key"), settings.file("etcd-ca.crt")
    return {
        "name": "tenantmesh",
        "data-dir": str(settings.layout.etcd),
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"tenantmesh={peer}",
        "cert-file": certificate,
        "key-file": key,
        "trusted-ca-file": authority,
        "client-cert-auth": "true",
        "peer-cert-file": certificate,
        "peer-key-file": key,
        "peer-trusted-ca-file": authority,
        "peer-client-cert-auth": "true",
        # A crash of a process loses nothing; only one of the machine may, which a development cluster can bear.
        "unsafe-no-fsync": "true",
    }


def _apiserver(settings: Settings) -> dict[str, str]:
    return {
        "etcd-servers": f"https://{_LOOPBACK}:{settings.ports['etcd']}",
        "etcd-cafile": settings.file("etcd-ca.crt"),
        "etcd-certfile": settings.file("etcd-client.crt"),
        "etcd-keyfile": settings.file("etcd-client.key"),
        "bind-address": _LOOPBACK,
        "advertise-address": _LOOPBACK,
        "secure-port": str(settings.ports["kube-apiserver"]),
        # The default one refuses to publish a loopback address.
        "endpoint-reconciler-type": "none",
        "tls-cert-file": settings.file("kube-apiserver.crt"),
        "tls-private-key-file": settings.file("kube-apiserver.key"),
        "client-ca-file": settings.file("ca.crt"),
        "authorization-mode": "Node,RBAC",
        "anonymous-auth": "false",
        "enable-admission-plugins": "NodeRestriction",
        # Privileged pods are refused by Pod Security, as in a real cluster, and not by this flag.
        "allow-privileged": "true",
        "service-cluster-ip-range": SERVICE_RANGE,
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": settings.file("sa.pub"),
        "service-account-signing-key-file": settings.file("sa.key"),
        "proxy-client-cert-file": settings.file("front-proxy-client.crt"),
        "proxy-client-key-file": settings.file("front-proxy-client.key"),
        "requestheader-client-ca-file": settings.file("front-proxy-ca.crt"),
        "requestheader-allowed-names": "front-proxy-client",
        "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "requestheader-group-headers": "X-Remote-Group",
        "requestheader-username-headers": "X-Remote-User",
        "profiling": "false",
    }


def _controller(component: str, settings: Settings) -> dict[str, str]:
    """What the controller manager and the scheduler have in common."""
    kubeconfig = str(settings.layout.component_kubeconfig(component))
    return {
        "kubeconfig": kubeconfig,
        "authentication-kubeconfig": kubeconfig,
        "authorization-kubeconfig": kubeconfig,
        "bind-address": _LOOPBACK,
        "secure-port": str(settings.ports[component]),
        "tls-cert-file": settings.file(f"{component}.crt"),
        "tls-private-key-file": settings.file(f"{component}.key"),
        "client-ca-file": settings.file("ca.crt"),
        "leader-elect": "false",
        "profiling": "false",
        # The defaults are made for clusters with many clients and slow down the start by seconds.
        "kube-api-qps": "500",
        "kube-api-burst": "1000",
    }


def _controller_manager(settings: Settings) -> dict[str, str]:
    return _controller("kube-controller-manager", settings) | {
        # Without accounts of their own, some controllers lack the rights to roll anything out.
        "use-service-account-credentials": "true",
        "service-account-private-key-file": settings.file("sa.key"),
        "root-ca-file": settings.file("ca.crt"),
        "cluster-signing-cert-file": settings.file("ca.crt"),
        "cluster-signing-key-file": settings.file("ca.key"),
    }


def _scheduler(settings: Settings) -> dict[str, str]:
    return _controller("kube-scheduler", settings)


def _kwok(settings: Settings) -> dict[str, str]:
    return {
        "kubeconfig": str(settings.layout.component_kubeconfig("kwok")),
        "config": ",".join(settings.stages),
        # Nodes with a kubelet of their own, as the mesh lab has one, are left alone.
        "manage-all-nodes": "false",
        "manage-nodes-with-label-selector": f"{SIMULATED}=true",
        "cidr": POD_RANGE,
        "node-lease-duration-seconds": "40",
    }


_FLAGS: Mapping[str, Callable[[Settings], dict[str, str]]] = {
    "etcd": _etcd,
    "kube-apiserver": _apiserver,
    "kube-controller-manager": _controller_manager,
    "kube-scheduler": _scheduler,
    "kwok": _kwok,
}
