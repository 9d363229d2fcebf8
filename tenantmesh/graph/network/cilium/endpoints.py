"""Cilium's endpoint selectors: labels of pods, of their namespaces and of their service accounts in one.

Source: https://docs.cilium.io/en/stable/security/policy/kubernetes/ and pkg/k8s/apis/cilium.io/utils of Cilium.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from tenantmesh.graph.labels import EVERYTHING, Constraint, Selector, selector
from tenantmesh.graph.places import NAMESPACE_NAME

_NAMESPACE: Final = "io.kubernetes.pod.namespace"
_NAMESPACE_LABELS: Final = "io.cilium.k8s.namespace.labels."
_ACCOUNT: Final = "io.cilium.k8s.policy.serviceaccount"
_CLUSTER: Final = "io.cilium.k8s.policy.cluster"
_SOURCES: Final = ("k8s:", "any:", "k8s.", "any.")
_RESERVED: Final = ("reserved:", "reserved.")


class Endpoints(NamedTuple):
    """The pods of an endpoint selector. `reserved` is the entity that it names instead ("" for none).

    `namespaces` is None when the selector says nothing of namespaces, which means that of its policy.
    """

    pods: Selector
    namespaces: Selector | None
    accounts: Constraint | None
    reserved: str


def endpoints(body: Any) -> Endpoints:
    """The pods that an endpoint selector means. What is not understood is in the selectors' `unknown`."""
    read = selector(_plain(body))
    pods: list[tuple[str, Constraint]] = []
    namespaces: list[tuple[str, Constraint]] = []
    account: Constraint | None = None
    reserved, unknown = "", read.unknown
    for key, constraint in read.constraints:
        if key.startswith(_RESERVED):
            reserved = key[len(_RESERVED[0]) :]
        elif key == _NAMESPACE:
            namespaces.append((NAMESPACE_NAME, constraint))
        elif key.startswith(_NAMESPACE_LABELS):
            namespaces.append((key.removeprefix(_NAMESPACE_LABELS), constraint))
        elif key == _ACCOUNT:
            account = constraint
        elif key == _CLUSTER:
            unknown = unknown or "which clusters there are is not known"
        else:
            pods.append((key, constraint))
    placed = Selector(()).both(Selector(tuple(namespaces))) if namespaces else None
    return Endpoints(Selector(tuple(pods), unknown) if pods or unknown else EVERYTHING, placed, account, reserved)


def _plain(body: Any) -> Any:
    """`body` without the sources before its keys: all labels of pods come from Kubernetes."""
    if not isinstance(body, Mapping):
        return body
    plain = dict(body)
    if isinstance(labels := body.get("matchLabels"), Mapping):
        plain["matchLabels"] = {_key(key): value for key, value in labels.items()}
    if isinstance(expressions := body.get("matchExpressions"), list | tuple):
        plain["matchExpressions"] = [
            {**one, "key": _key(one.get("key"))} if isinstance(one, Mapping) else one for one in expressions
        ]
    return plain


def _key(key: Any) -> Any:
    if not isinstance(key, str):
        return key
    source = next((source for source in _SOURCES if key.startswith(source)), "")
    return key.removeprefix(source)
