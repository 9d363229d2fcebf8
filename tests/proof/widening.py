"""What each kind's fields can be widened to: the table of things that let more in, out, see or do."""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from tenantmesh.manifest import ManifestObject

Path = tuple[str | int, ...]
Widen = Callable[[Any, str], Any]


def _set(value: Any) -> Widen:
    return lambda _, __: value


def _add(item: Any) -> Widen:
    return lambda value, _: [*(value or ()), item]


def _add_other(text: str) -> Widen:
    """Nothing is wider where the other is named already, or everybody is."""
    return lambda value, other: [*dict.fromkeys((*(value or ()), *_unnamed(text.format(other=other), value)))]


def _unnamed(name: str, value: Any) -> list[str]:
    return [] if "*" in (value or ()) else [name]


def _other(text: str) -> Widen:
    return lambda _, other: text.format(other=other)


def _put(**more: Any) -> Widen:
    return lambda value, _: {**(value or {}), **more}


def _supernet(value: Any, _: str) -> str:
    """Twice the addresses, which are all of them at most."""
    return str(ip_network(value).supernet())


def _any_value(value: Any, _: str) -> Any:
    """Pods that have the labels, whatever their values."""
    keys = value.get("matchLabels", ()) if isinstance(value, dict) else ()
    return {"matchExpressions": [{"key": key, "operator": "Exists"} for key in keys]}


_TRUE, _FALSE = (_set(value) for value in (True, False))
_SELECTOR = {"matchLabels": {"app": "a"}}
_TRUSTING = {"mode": "SIMPLE", "insecureSkipVerify": True}
_ANY_SELECTED: Mapping[str, Widen] = {"not in": _set("NotIn")}
_ANY_PEER: Mapping[str, Widen] = {
    "add every namespace to": _add({"namespaceSelector": {}}),
    "add all addresses to": _add({"ipBlock": {"cidr": "0.0.0.0/0"}}),
}
_EVERYTHING: Mapping[str, Widen] = {"any in": _set(["*"])}
_ALL_RULES: Mapping[str, Widen] = {"add the empty rule to": _add({})}

# By kind, then by path with [] for each position: what to call it, and what the value becomes.
WIDENINGS: Mapping[str, Mapping[str, Mapping[str, Widen]]] = {
    "Namespace": {
        "metadata.labels": {
            "shut injection off in": _put(**{"istio-injection": "disabled"}),
            "allow privileged pods in": _put(**{"pod-security.kubernetes.io/enforce": "privileged"}),
            "leave the mesh in": _put(**{"istio.io/dataplane-mode": "none", "istio-injection": "disabled"}),
        },
        "metadata.labels.tenantmesh.dev/tenant": {"give away": _other("{other}")},
    },
    "DestinationRule": {
        "spec.trafficPolicy.portLevelSettings[].tls": {"take any certificate by": _set(_TRUSTING)},
        "spec.trafficPolicy.portLevelSettings[].tls.mode": {"begin no TLS by": _set("DISABLE")},
    },
    "NetworkPolicy": {
        "spec.ingress": _ALL_RULES,
        "spec.egress": _ALL_RULES,
        "spec.ingress[].from": _ANY_PEER,
        "spec.egress[].to": _ANY_PEER,
        "spec.ingress[].from[].namespaceSelector.matchExpressions[].operator": _ANY_SELECTED,
        "spec.egress[].to[].namespaceSelector.matchExpressions[].operator": _ANY_SELECTED,
        "spec.ingress[].from[].namespaceSelector.matchExpressions[].values": {"add another to": _add_other("{other}")},
        "spec.egress[].to[].namespaceSelector.matchExpressions[].values": {"add another to": _add_other("{other}")},
        "spec.ingress[].from[].ipBlock.cidr": {"twice the addresses in": _supernet},
        "spec.egress[].to[].ipBlock.cidr": {"twice the addresses in": _supernet},
        "spec.egress[].to[].podSelector": {"any value in": _any_value},
        "spec.ingress[].ports[]": {"all ports in": _put(port=1, endPort=65535)},
        "spec.egress[].ports[]": {"all ports in": _put(port=1, endPort=65535)},
    },
    "AuthorizationPolicy": {
        "spec.action": {"allow by": _set("ALLOW"), "audit by": _set("AUDIT")},
        "spec.rules": _ALL_RULES,
        "spec.rules[].from[].source.principals": {
            **_EVERYTHING,
            "add another to": _add_other("cluster.local/ns/{other}/sa/*"),
        },
        "spec.rules[].from[].source.notPrincipals": {
            **_EVERYTHING,
            "add another to": _add_other("cluster.local/ns/{other}/sa/*"),
        },
        "spec.rules[].from[].source.ipBlocks": {"add a network to": _add("198.51.100.0/24")},
        "spec.rules[].from[].source.ipBlocks[]": {"twice the addresses in": _supernet},
        "spec.rules[].to[].operation.ports": _EVERYTHING,
        "spec.rules[].to[].operation.hosts": _EVERYTHING,
        "spec.rules[].to[].operation.methods": _EVERYTHING,
        "spec.rules[].to[].operation.paths": _EVERYTHING,
        "spec.rules[].to[].operation.notPorts": _EVERYTHING,
        "spec.rules[].when[].values": _EVERYTHING,
        "spec.rules[].when[].notValues": {
            "add another to": _add_other("https://id.{other}.example.com"),
            **_EVERYTHING,
        },
        "spec.rules[].when": {"narrow": _add({"key": "request.headers[x]", "values": ["x"]})},
    },
    "RequestAuthentication": {
        "spec.jwtRules": {"take another's in": _add({"issuer": "https://id.example.com", "jwks": "{}"})},
        "spec.jwtRules[].audiences": {"add another to": _add_other("{other}")},
        "spec.jwtRules[].issuer": {"another's by": _other("https://id.{other}.example.com")},
        "spec.jwtRules[].jwksUri": {"another's by": _other("https://id.{other}.example.com/keys")},
        "spec.jwtRules[]": {"own keys in": _put(jwks='{"keys":[]}')},
        "spec.selector.matchLabels": {"fewer pods by": _put(app="a")},
    },
    "PeerAuthentication": {
        "spec.mtls.mode": {
            "permit plain text by": _set("PERMISSIVE"),
            "disable": _set("DISABLE"),
            "unset": _set("UNSET"),
        },
        "spec": {"permit one port in": _put(portLevelMtls={"9080": {"mode": "PERMISSIVE"}}, selector=_SELECTOR)},
    },
    "Sidecar": {
        "spec.outboundTrafficPolicy.mode": {"allow any by": _set("ALLOW_ANY")},
        "spec.egress[].hosts": {"see everything by": _add("*/*"), "add another to": _add_other("{other}/*")},
    },
    "Gateway": {
        "spec.servers[].hosts": {
            "every namespace's in": _set(["*/*"]),
            "all hosts in": _set(["*"]),
            "take another's in": _add_other("./{other}.example.com"),
        },
        "spec.servers[].tls.mode": {
            "ask no client certificate by": _set("SIMPLE"),
            "pass through by": _set("PASSTHROUGH"),
            "let clients be without by": _set("OPTIONAL_MUTUAL"),
        },
        "spec.servers[].tls.httpsRedirect": {"plain text by": _FALSE},
        "spec.servers[].tls.minProtocolVersion": {"broken TLS by": _set("TLSV1_0")},
        "spec.servers[].tls.subjectAltNames": {"take another's in": _add_other("a.clients.{other}.example.com")},
        "spec.servers[].tls.credentialName": {"take another's by": _other("{other}-ingress-tls")},
        "spec.selector.istio": {"another's by": _other("{other}-ingress")},
    },
    "VirtualService": {
        "spec.hosts": {**_EVERYTHING, "take another's in": _add_other("{other}.example.com")},
        "spec.exportTo": _EVERYTHING,
        "spec.gateways": {
            "serve at another's in": _add_other("{other}/{other}-ingress"),
            "serve in the mesh by": _add("mesh"),
        },
        "spec.http[].route[].destination.host": {
            "send to another's by": _other("productpage.{other}.svc.cluster.local")
        },
    },
    "Service": {
        "spec.loadBalancerSourceRanges": {"add a network to": _add("198.51.100.0/24")},
        "spec.loadBalancerSourceRanges[]": {"twice the addresses in": _supernet},
        "spec.type": {"open node ports by": _set("NodePort"), "open a balancer by": _set("LoadBalancer")},
        "spec": {
            "take addresses in": _put(externalIPs=["192.0.2.1"]),
            "be another's in": lambda _, other: {
                "type": "ExternalName",
                "externalName": f"productpage.{other}.svc.cluster.local",
            },
        },
        "metadata.annotations.networking.istio.io/exportTo": {
            "export to all by": _set("*"),
            "export to another by": _other("{other}"),
        },
    },
    "Role": {
        "rules": {
            "read secrets by": _add({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}),
            "run in pods by": _add({"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]}),
            "change the fence by": _add(
                {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": ["delete"]}
            ),
            "write addresses by": _add({"apiGroups": [""], "resources": ["endpoints"], "verbs": ["update"]}),
            "all rights in": _set([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]),
        },
        "rules[].verbs": _EVERYTHING,
        "rules[].resources": _EVERYTHING,
        "rules[].apiGroups": _EVERYTHING,
    },
    "RoleBinding": {
        "subjects": {
            "everybody in": _add(
                {"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "system:authenticated"}
            ),
            "add another to": lambda value, other: [
                *value,
                {"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": f"{other}-admins"},
            ],
            "add all accounts to": _add(
                {"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "system:serviceaccounts"}
            ),
            "add another's pods to": lambda value, other: [
                *value,
                {"kind": "ServiceAccount", "namespace": other, "name": "default"},
            ],
        },
        "roleRef": {"all rights by": _put(kind="ClusterRole", name="cluster-admin")},
    },
    "Secret": {},
    "ServiceAccount": {"automountServiceAccountToken": {"give tokens by": _TRUE}},
    "Deployment": {
        "spec.template.spec": {
            "share the host's network in": _put(hostNetwork=True),
            "share the host's processes in": _put(hostPID=True),
            "push others from nodes in": _put(priorityClassName="system-node-critical"),
            "mount the host in": lambda value, _: {
                **value,
                "volumes": [*value.get("volumes", ()), {"name": "host", "hostPath": {"path": "/"}}],
            },
        },
        "spec.template.spec.automountServiceAccountToken": {"give tokens by": _TRUE},
        "spec.template.metadata": {
            "leave the mesh in": lambda value, _: {
                **value,
                "labels": {**value["labels"], "sidecar.istio.io/inject": "false"},
            },
            "pass the proxy by in": lambda value, _: {
                **value,
                "annotations": {
                    **value.get("annotations", {}),
                    "traffic.sidecar.istio.io/excludeInboundPorts": "9080",
                },
            },
        },
        "spec.template.spec.securityContext.runAsUser": {"be the proxy by": _set(1337), "be root by": _set(0)},
        "spec.template.spec.securityContext.runAsNonRoot": {"be root by": _FALSE},
        "spec.template.spec.containers[].securityContext": {"privileged by": _put(privileged=True)},
        "spec.template.spec.containers[].securityContext.allowPrivilegeEscalation": {"escalate by": _TRUE},
        "spec.template.spec.containers[].securityContext.capabilities": {
            "administer the network by": _put(add=["NET_ADMIN"])
        },
    },
}


def widened(one: ManifestObject, other: str) -> Iterator[tuple[Path, str, Any]]:
    """Each place of an object that the table can widen: where, what it is called, the new value."""
    for place, ways in WIDENINGS.get(one.key.kind, {}).items():
        for path, value in _at(one.body, place):
            for how, widen in ways.items():
                yield path, how, widen(value, other)


def _at(body: Any, place: str) -> Iterator[tuple[Path, Any]]:
    """The values at a place that are there; a name may have dots of its own, as labels do."""
    if not place:
        yield (), body
    elif isinstance(body, list):
        for at, item in enumerate(body) if place.startswith("[]") else ():
            yield from (((at, *path), value) for path, value in _at(item, place[2:].removeprefix(".")))
    elif isinstance(body, dict):
        for key in body:
            rest = place.removeprefix(key)
            if rest != place and (not rest or rest[0] in ".["):
                yield from (((key, *path), value) for path, value in _at(body[key], rest.removeprefix(".")))
