"""The API server's defaults, filled in before anything is reasoned about.

A table names for each kind what an absent field means, as far as reachability depends on it. What only Istio reads into
an absent field (the action of an AuthorizationPolicy) is not stored by the server, and is its layer's to know. A part
that has another shape than its kind asks for is left alone, for the layers to call unproven.
Sources: pkg/apis/*/v1/defaults.go of Kubernetes, and the schemas of Gateway API's CRDs.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, cast

from msgspec.structs import replace

from tenantmesh.manifest import ManifestObject

Fields = dict[str, Any]
Fill = Callable[[Any], Any]
"""Gives what it is given, or a copy in which nothing is absent."""
Absent = Mapping[str, Any]
"""The fields that a map should have, with the values that they get where they are absent.

A function works the value out from the other fields; None leaves the field absent.
"""

RBAC: Final = "rbac.authorization.k8s.io"
GATEWAY_API: Final = "gateway.networking.k8s.io"
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


def with_defaults(one: ManifestObject) -> ManifestObject:
    """`one` as the API server would store it, as far as reachability depends on it; itself when nothing is absent."""
    body = one.body
    fill = _TABLE.get((str(body.get("apiVersion", "")).rpartition("/")[0], str(body.get("kind", ""))))
    if fill is None:
        return one
    filled = fill(body)
    return one if filled is body else replace(one, body=filled)


def _map(absent: Absent = _NONE, /, **inner: Fill) -> Fill:
    """Fills in what a schema gives: in the place of nothing or a null."""
    return _fields(absent, inner, lambda value, _given: value is None)


def _typed(absent: Absent = _NONE, /, **inner: Fill) -> Fill:
    """Fills in what the server's own types get: they take an empty text or list for an absent one."""
    return _fields(absent, inner, lambda value, given: value is None or value != given)


def _fields(absent: Absent, inner: Mapping[str, Fill], is_absent: Callable[[Any, Any], bool]) -> Fill:
    """Fills `absent` in, and then the fields that have a filling of their own; an empty value is asked `is_absent`."""
    given = tuple(absent.items())
    below = tuple(inner.items())

    def fill(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        fields = cast("Fields", value)
        made: Fields = {}
        for key, default in given:
            old = fields.get(key)
            if not old:
                new = default(fields) if callable(default) else default
                if new is not None and is_absent(old, new):
                    made[key] = new
        for key, fill_field in below:
            old = made[key] if key in made else fields.get(key)
            if old is not None and (new := fill_field(old)) is not old:
                made[key] = new
        return {**fields, **made} if made else fields

    return fill


def _each(fill: Fill) -> Fill:
    """Fills every item of a list."""

    def fill_list(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        items = cast("list[Any]", value)
        made: list[Any] | None = None
        for at, item in enumerate(items):
            new = fill(item)
            if new is not item:
                made = made or list(items)
                made[at] = new
        return made or items

    return fill_list


_PROTOCOL: Final = _each(_typed({"protocol": "TCP"}))


def _policy_types(spec: Fields) -> list[str]:
    return ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


# Its protocol is a pointer: an empty text is no absent one, and is refused.
_NETWORK_RULES: Final = _each(_typed(ports=_each(_map({"protocol": "TCP"}))))
_POLICY: Final = {"podSelector": {}, "policyTypes": _policy_types}
_NETWORK_POLICY: Final = _typed({"spec": {}}, spec=_typed(_POLICY, ingress=_NETWORK_RULES, egress=_NETWORK_RULES))


def _target(port: Fields) -> Any:
    return port.get("port")


_SERVICE_PORT: Final = {"protocol": "TCP", "targetPort": _target}
_SERVICE: Final = _typed(spec=_typed({"type": "ClusterIP"}, ports=_each(_typed(_SERVICE_PORT))))
_CONTAINERS: Final = _each(_typed(ports=_PROTOCOL))


def _account(spec: Fields) -> Any:
    """The older spelling of the field is copied to the newer one."""
    return spec.get("serviceAccount")


def _pod(account: Callable[[Fields], Any]) -> Fill:
    containers = dict.fromkeys(("containers", "initContainers", "ephemeralContainers"), _CONTAINERS)
    return _typed({"serviceAccountName": account}, **containers)


_TEMPLATE: Final = _typed(spec=_typed(template=_typed(spec=_pod(_account))))


def _subject_group(subject: Fields) -> str | None:
    return RBAC if subject.get("kind") in ("Group", "User") else None


_BINDING: Final = _typed(roleRef=_typed({"apiGroup": RBAC}), subjects=_each(_typed({"apiGroup": _subject_group})))

_PARENTS: Final = _each(_map({"group": GATEWAY_API, "kind": "Gateway"}))
_BACKEND: Final = {"group": "", "kind": "Service"}
_BACKENDS: Final = _each(_map({**_BACKEND, "weight": 1}))
_SECRET: Final = _map({"group": "", "kind": "Secret"})
_SAME: Final = {"from": "Same"}
_PATH: Final = {"type": "PathPrefix", "value": "/"}
_MATCHES: Final = [{"path": _PATH}]
_EXACT: Final = _each(_map({"type": "Exact"}))
_LISTENERS: Final = _each(
    _map(
        {"allowedRoutes": {"namespaces": _SAME}},
        allowedRoutes=_map({"namespaces": _SAME}, namespaces=_map(_SAME), kinds=_each(_map({"group": GATEWAY_API}))),
        tls=_map({"mode": "Terminate"}, certificateRefs=_each(_SECRET)),
    )
)
_VALIDATION: Final = _map({"mode": "AllowValidOnly"})
_GATEWAY_TLS: Final = _map(
    backend=_map(clientCertificateRef=_SECRET),
    frontend=_map(default=_map(validation=_VALIDATION), perPort=_each(_map(tls=_map(validation=_VALIDATION)))),
)
_GATEWAY: Final = _map(
    spec=_map(
        addresses=_each(_map({"type": "IPAddress"})),
        allowedListeners=_map({"namespaces": {"from": "None"}}, namespaces=_map({"from": "None"})),
        listeners=_LISTENERS,
        tls=_GATEWAY_TLS,
    )
)
_FILTERS: Final = _each(
    _map(
        cors=_map({"maxAge": 5}),
        requestMirror=_map(backendRef=_map(_BACKEND), fraction=_map({"denominator": 100})),
        requestRedirect=_map({"statusCode": 302}),
    )
)
_HTTP_MATCHES: Final = _each(_map({"path": _PATH}, path=_map(_PATH), headers=_EXACT, queryParams=_EXACT))
_FILTERED_BACKENDS: Final = _each(_map({**_BACKEND, "weight": 1}, filters=_FILTERS))
_HTTP_RULES: Final = _each(
    _map({"matches": _MATCHES}, matches=_HTTP_MATCHES, filters=_FILTERS, backendRefs=_FILTERED_BACKENDS)
)
_GRPC_MATCHES: Final = _each(_map(headers=_EXACT, method=_map({"type": "Exact"})))
_GRPC_RULES: Final = _each(_map(matches=_GRPC_MATCHES, filters=_FILTERS, backendRefs=_FILTERED_BACKENDS))
_ROUTE: Final = _map(spec=_map(parentRefs=_PARENTS, rules=_each(_map(backendRefs=_BACKENDS))))

# Keyed by group and kind.
_TABLE: Final[Mapping[tuple[str, str], Fill]] = {
    ("", "Endpoints"): _typed(subsets=_each(_typed(ports=_PROTOCOL))),
    ("", "Pod"): _typed(spec=_pod(lambda spec: _account(spec) or "default")),
    ("", "ReplicationController"): _TEMPLATE,
    ("", "Service"): _SERVICE,
    ("apps", "DaemonSet"): _TEMPLATE,
    ("apps", "Deployment"): _TEMPLATE,
    ("apps", "ReplicaSet"): _TEMPLATE,
    ("apps", "StatefulSet"): _TEMPLATE,
    ("batch", "CronJob"): _typed(spec=_typed(jobTemplate=_TEMPLATE)),
    ("batch", "Job"): _TEMPLATE,
    ("discovery.k8s.io", "EndpointSlice"): _typed(ports=_each(_typed({"name": "", "protocol": "TCP"}))),
    ("networking.k8s.io", "NetworkPolicy"): _NETWORK_POLICY,
    (GATEWAY_API, "GRPCRoute"): _map(spec=_map(parentRefs=_PARENTS, rules=_GRPC_RULES)),
    (GATEWAY_API, "Gateway"): _GATEWAY,
    (GATEWAY_API, "HTTPRoute"): _map(
        spec=_map({"rules": [{"matches": _MATCHES}]}, parentRefs=_PARENTS, rules=_HTTP_RULES)
    ),
    (GATEWAY_API, "ListenerSet"): _map(
        spec=_map(parentRef=_map({"group": GATEWAY_API, "kind": "Gateway"}), listeners=_LISTENERS)
    ),
    (GATEWAY_API, "TCPRoute"): _ROUTE,
    (GATEWAY_API, "TLSRoute"): _ROUTE,
    (GATEWAY_API, "UDPRoute"): _ROUTE,
    (RBAC, "ClusterRoleBinding"): _BINDING,
    (RBAC, "RoleBinding"): _BINDING,
}
