"""What two deployments of the same program have in common: their state and their objects, with chance taken out."""

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tenantmesh.cluster.api import Api
from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.values import Secret, reveal
from tests.crash.shop import Shop

_KINDS = (
    *(f"/api/v1/{kind}" for kind in ("namespaces", "configmaps", "secrets", "services")),
    *(f"/api/v1/{kind}" for kind in ("serviceaccounts", "resourcequotas")),
    *("/apis/apps/v1/deployments", "/apis/networking.k8s.io/v1/networkpolicies"),
    *(f"/apis/rbac.authorization.k8s.io/v1/{kind}" for kind in ("roles", "rolebindings", "clusterroles")),
)
"""All kinds that the program makes; to look at every kind that there is takes longer than a run."""
_SERVERS_OWN = frozenset({"uid", "resourceVersion", "creationTimestamp", "managedFields", "generation", "selfLink"})
_ASSIGNED = frozenset({"clusterIP", "clusterIPs", "deployment.kubernetes.io/revision"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_SHORTEST = 6
"""Texts that chance made are longer; a shorter one may stand anywhere."""
_MADE_BY_CHANCE = ("random:", "tls:")
_GENERATED_NAME = re.compile(r"\bmotto-[0-9a-f]{8}\b")


def made_by_chance(states: tuple[ResourceState, ...]) -> dict[str, tuple[str, Any]]:
    """What can't be made again: id and outputs of random values and keys by URN."""
    return {state.urn: (state.id, reveal(state.outputs)) for state in states if state.type.startswith(_MADE_BY_CHANCE)}


class Likeness:
    """Makes deployments comparable: each text that was made by chance is replaced by the name of its source."""

    def __init__(self, shop: Shop, states: tuple[ResourceState, ...]) -> None:
        names = {shop.name: "<shop>"}
        for urn, (identifier, outputs) in sorted(made_by_chance(states).items()):
            source = urn.rpartition("::")[2]
            for place, text in [("id", identifier), *_texts(outputs)]:
                if len(text) >= _SHORTEST and not text.isalpha() and not _MOMENT.match(text):
                    names.setdefault(text, f"<{urn.split('::')[-2]}.{source}.{place}>")
        self._names = names
        longest = sorted(names, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(text) for text in longest))

    def of(self, value: Any) -> Any:
        """`value` without chance; what is secret stays marked."""
        match value:
            case Secret():
                return {"<secret>": self.of(value.value)}
            case dict():
                return {self.of(key): self.of(item) for key, item in value.items() if key not in _ASSIGNED}
            case list():
                return [self.of(item) for item in value]
            case str():
                return self._text(value)
            case _:
                return value

    def of_states(self, states: tuple[ResourceState, ...]) -> dict[str, Any]:
        """Records by URN: what the program asked for and how they hang together."""
        assert len({state.urn for state in states}) == len(states), "there is a record twice"
        return {
            self.of(state.urn): self.of(
                {
                    "inputs": state.inputs,
                    "outputs": sorted(state.outputs) if state.custom else state.outputs,
                    "parent": state.parent,
                    "dependencies": list(state.dependencies),
                    "errors": list(state.init_errors),
                    "leaving": state.delete or state.pending_replacement,
                    "provider": state.provider.rpartition("::")[0],
                }
            )
            for state in states
        }

    def of_objects(self, objects: Mapping[tuple[str, str, str], Any]) -> dict[Any, Any]:
        """Objects by kind and name, without what the server and controllers put into them."""
        return {tuple(map(self.of, key)): self.of(_asked(body)) for key, body in objects.items()}

    def _text(self, text: str) -> str:
        plain = text if self._pattern.search(text) else _decoded(text)
        found = self._pattern.sub(lambda match: self._names[match[0]], plain)
        return _GENERATED_NAME.sub("motto-<random>", _MOMENT.sub("<moment>", text if found == plain else found))


def objects(api: Api, shop: Shop) -> dict[tuple[str, str, str], dict[str, Any]]:
    """What a stack has in the cluster, by kind, namespace and name: all that its manager has applied, anywhere."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for path in _KINDS:
        for item in api.get(path)["items"]:
            metadata = item["metadata"]
            managers = {entry.get("manager") for entry in metadata.get("managedFields", ())}
            if shop.manager in managers:
                found[path, metadata.get("namespace", ""), metadata["name"]] = item
    return found


def _asked(body: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in body["metadata"].items() if key not in _SERVERS_OWN}
    annotations = {key: value for key, value in (metadata.get("annotations") or {}).items() if key not in _ASSIGNED}
    rest = {key: value for key, value in body.items() if key not in ("status", "metadata", "kind", "apiVersion")}
    return {**rest, "metadata": {**metadata, "annotations": annotations}}


def _texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, item in sorted(value.items()):
                yield from _texts(item, f"{place}.{key}" if place else key)
        case list():
            for item in value:
                yield from _texts(item, place)
        case str():
            yield place, value
        case _:
            return


def _decoded(text: str) -> str:
    """What a value of a Secret's data stands for; `text` itself when it is not base64."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return text
