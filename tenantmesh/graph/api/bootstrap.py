"""The roles and bindings that the API server makes by itself, for manifests that leave them out.

They are those of Kubernetes 1.36: what `tests/graph/api/server_defaults.py` read from a server into `bootstrap.jsonl`.
Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tenantmesh.manifest import ManifestObject

GROUP = "rbac.authorization.k8s.io"
_FILE = Path(__file__).with_name("bootstrap.jsonl")


@cache
def defaults(kind: str) -> Mapping[str, ManifestObject]:
    """The server's own objects of a kind (ClusterRole or ClusterRoleBinding) by name."""
    return {one.body["metadata"]["name"]: one for one in _all() if one.body["kind"] == kind}


def is_default(one: ManifestObject) -> bool:
    """Whether `one` is the server's own, unchanged in all that grants something."""
    mine = one.body
    known = defaults(mine["kind"]).get(mine["metadata"]["name"])
    if known is None:
        return False
    if known is one:
        return True
    fields = ("aggregationRule",) if "aggregationRule" in known.body else ("rules", "aggregationRule")
    return all((known.body.get(field) or None) == (mine.get(field) or None) for field in (*fields, *_OF_BINDINGS))


_OF_BINDINGS = ("roleRef", "subjects")


@cache
def _all() -> tuple[ManifestObject, ...]:
    bodies: list[dict[str, Any]] = [json.loads(line) for line in _FILE.read_text().splitlines()]
    return tuple(ManifestObject(body={"apiVersion": f"{GROUP}/v1"} | body) for body in bodies)
