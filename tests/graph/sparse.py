"""Objects with everything left out that the API server fills in and that reachability depends on."""

from typing import Any

_SELECTOR = {"matchLabels": {"app": "web"}}
_LABELS = {"app": "web"}
_POD = {"containers": [{"name": "main", "image": "example.com/server", "ports": [{"containerPort": 8080}]}]}
_TEMPLATE = {"metadata": {"labels": _LABELS}, "spec": _POD}
_ONCE = {"metadata": {"labels": _LABELS}, "spec": {**_POD, "restartPolicy": "Never"}}


def _object(api_version: str, kind: str, name: str, spec: dict[str, Any] | None) -> dict[str, Any]:
    body: dict[str, Any] = {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}}
    return body if spec is None else {**body, "spec": spec}


def _policy(name: str, **spec: Any) -> dict[str, Any]:
    return _object("networking.k8s.io/v1", "NetworkPolicy", name, spec)


OBJECTS: dict[str, dict[str, Any]] = {
    "a policy that says nothing": _policy("nothing"),
    "a policy with a selector": _policy("selector", podSelector={}),
    "a policy with egress rules": _policy("egress", podSelector={}, egress=[{}]),
    "a policy with an empty egress list": _policy("no-egress", podSelector={}, egress=[]),
    "a policy with a null egress list": _policy("null-egress", podSelector={}, egress=None),
    "a policy with ports": _policy(
        "ports", ingress=[{"ports": [{"port": 80}, {"port": "web"}, {}, {"protocol": None}]}]
    ),
    "a policy with a range": _policy("range", egress=[{"ports": [{"port": 80, "endPort": 90}]}]),
    "a service": _object("v1", "Service", "web", {"selector": _LABELS, "ports": [{"port": 80}]}),
    "a service with a named target": _object(
        "v1", "Service", "named", {"selector": _LABELS, "ports": [{"port": 80, "targetPort": "web"}]}
    ),
    "a headless service": _object(
        "v1", "Service", "headless", {"clusterIP": "None", "selector": _LABELS, "ports": [{"port": 80}]}
    ),
    "an external name": _object("v1", "Service", "external", {"type": "ExternalName", "externalName": "example.org"}),
    "a service of a node port": _object(
        "v1", "Service", "node-port", {"type": "NodePort", "selector": _LABELS, "ports": [{"port": 80}]}
    ),
    "a pod": {**_object("v1", "Pod", "single", _POD)},
    "a deployment": _object("apps/v1", "Deployment", "deployment", {"selector": _SELECTOR, "template": _TEMPLATE}),
    "a stateful set": _object(
        "apps/v1", "StatefulSet", "stateful", {"selector": _SELECTOR, "serviceName": "web", "template": _TEMPLATE}
    ),
    "a daemon set": _object("apps/v1", "DaemonSet", "daemon", {"selector": _SELECTOR, "template": _TEMPLATE}),
    "a replica set": _object("apps/v1", "ReplicaSet", "replica", {"selector": _SELECTOR, "template": _TEMPLATE}),
    "a replication controller": _object("v1", "ReplicationController", "controller", {"template": _TEMPLATE}),
    "a job": _object("batch/v1", "Job", "job", {"template": {"spec": {**_POD, "restartPolicy": "Never"}}}),
    "a cron job": _object(
        "batch/v1", "CronJob", "cron", {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": _ONCE}}}
    ),
    "an authorization policy": _object("security.istio.io/v1", "AuthorizationPolicy", "authorization", {}),
    "an authorization policy with a rule": _object(
        "security.istio.io/v1",
        "AuthorizationPolicy",
        "rule",
        {"rules": [{"from": [{"source": {"namespaces": ["x"]}}]}]},
    ),
    "a peer authentication": _object("security.istio.io/v1", "PeerAuthentication", "peers", {}),
    "a virtual service": _object(
        "networking.istio.io/v1",
        "VirtualService",
        "web",
        {"hosts": ["web"], "http": [{"route": [{"destination": {"host": "web"}}]}]},
    ),
    "a destination rule": _object("networking.istio.io/v1", "DestinationRule", "web", {"host": "web"}),
    "a service entry": _object(
        "networking.istio.io/v1",
        "ServiceEntry",
        "entry",
        {"hosts": ["example.org"], "ports": [{"number": 443, "name": "tls"}]},
    ),
    "a gateway": _object(
        "gateway.networking.k8s.io/v1",
        "Gateway",
        "gateway",
        {"gatewayClassName": "istio", "listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]},
    ),
    "a route": _object(
        "gateway.networking.k8s.io/v1",
        "HTTPRoute",
        "route",
        {"parentRefs": [{"name": "gateway"}], "rules": [{"backendRefs": [{"name": "web", "port": 80}]}]},
    ),
    "a route without rules": _object(
        "gateway.networking.k8s.io/v1", "HTTPRoute", "bare", {"parentRefs": [{"name": "gateway"}]}
    ),
    "an ingress": _object(
        "networking.k8s.io/v1",
        "Ingress",
        "ingress",
        {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}},
    ),
}
