"""The API server's defaults, filled in before anything is reasoned about.

A table names for each kind what an absent field means, as far as reachability depends on it. What only Istio reads into
an absent field (the action of an AuthorizationPolicy) is not stored by the server, and is its layer's to know. A part
that has another shape than its kind asks for is left alone, for the layers to call unproven.
Sources: pkg/apis/*/v1/defaults.go of Kubernetes, and the schemas of Gateway API's CRDs.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, cast

from tenantmesh.manifest import ManifestObject

Fields = dict[str, Any]
Fill = Callable[[Any], Any]
"""Gives what it is given, or a copy in which nothing is absent."""
Absent = Callable[[Fields], Iterable[tuple[str, Any]]]
"""The fields that a map should have, with the values that it gets where they are absent."""

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


def _map(absent: Mapping[str, Any] | Absent = _NONE, /, **inner: Fill) -> Fill:
    """Fills in what a schema gives: in the place of nothing or a null."""
    return _fields(absent, inner, lambda value, _given: value is None)


def _typed(absent: Mapping[str, Any] | Absent = _NONE, /, **inner: Fill) -> Fill:
    """Fills in what the server's own types get: they take an empty text or list for an absent one."""
    return _fields(absent, inner, lambda value, given: value is None or (not value and value != given))


def _fields(
    absent: Mapping[str, Any] | Absent, inner: Mapping[str, Fill], is_absent: Callable[[Any, Any], bool]
) -> Fill:
    """Fills `absent` in, fixed or worked out from the rest, and then the fields that have a filling of their own."""
    fixed = () if callable(absent) else tuple(absent.items())
    derived = absent if callable(absent) else None
    below = tuple(inner.items())

    def fill(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        fields = cast("Fields", value)
        given = derived(fields) if derived else fixed
        made = {key: default for key, default in given if is_absent(fields.get(key), default)}
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
        made = [fill(item) for item in items]
        return made if any(new is not old for new, old in zip(made, items, strict=True)) else items

    return fill_list


_PROTOCOL: Final = _each(_typed({"protocol": "TCP"}))


def _policy_spec(spec: Fields) -> Iterable[tuple[str, Any]]:
    yield "podSelector", {}
    yield "policyTypes", ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


# Its protocol is a pointer: an empty text is no absent one, and is refused.
_NETWORK_RULES: Final = _each(_typed(ports=_each(_map({"protocol": "TCP"}))))
_NETWORK_POLICY: Final = _typed({"spec": {}}, spec=_typed(_policy_spec, ingress=_NETWORK_RULES, egress=_NETWORK_RULES))


def _service_port(port: Fields) -> Iterable[tuple[str, Any]]:
    yield "protocol", "TCP"
    if "port" in port:
        yield "targetPort", port["port"]


_SERVICE: Final = _typed(spec=_typed({"type": "ClusterIP"}, ports=_each(_typed(_service_port))))
_CONTAINERS: Final = _each(_typed(ports=_PROTOCOL))


def _account(spec: Fields) -> Iterable[tuple[str, Any]]:
    """The older spelling of the field is copied to the newer one."""
    if spec.get("serviceAccount"):
        yield "serviceAccountName", spec["serviceAccount"]


def _admitted_account(spec: Fields) -> Iterable[tuple[str, Any]]:
    yield "serviceAccountName", spec.get("serviceAccount") or "default"


def _pod(account: Absent) -> Fill:
    return _typed(account, containers=_CONTAINERS, initContainers=_CONTAINERS, ephemeralContainers=_CONTAINERS)


_TEMPLATE: Final = _typed(spec=_typed(template=_typed(spec=_pod(_account))))


def _subject(subject: Fields) -> Iterable[tuple[str, Any]]:
    if subject.get("kind") in ("Group", "User"):
        yield "apiGroup", RBAC


_BINDING: Final = _typed(roleRef=_typed({"apiGroup": RBAC}), subjects=_each(_typed(_subject)))

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
    ("", "Pod"): _typed(spec=_pod(_admitted_account)),
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
