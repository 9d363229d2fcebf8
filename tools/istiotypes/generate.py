"""Writes the schemas, rules and types of the kinds that tenantmesh plans, from the Go modules that publish them.

Usage: python tools/istiotypes/generate.py [FOLDER]   (default: tenantmesh of this checkout; needs Go on PATH)
"""

import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import builtin
import celrules
import closed
import sources
import typeddicts

PACKAGE = Path(__file__).parents[2] / "tenantmesh"
TITLES = {
    "cert-manager.io": ("cert_manager", "Bodies of cert-manager's kinds (cert-manager.io)."),
    "extensions.istio.io": ("extensions", "Bodies of Istio's extension kinds (extensions.istio.io)."),
    "gateway.networking.k8s.io": ("gateway_api", "Bodies of the Gateway API's kinds (gateway.networking.k8s.io)."),
    "networking.istio.io": ("networking", "Bodies of Istio's networking kinds (networking.istio.io)."),
    "security.istio.io": ("security", "Bodies of Istio's security kinds (security.istio.io)."),
    "telemetry.istio.io": ("telemetry", "Bodies of Istio's telemetry kinds (telemetry.istio.io)."),
}


def main(folder: Path) -> None:
    """Write every generated file below `folder`."""
    for name, text in sorted(files().items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def files() -> dict[str, str]:
    """Every generated file, by its path below tenantmesh."""
    document = sources.kubernetes_openapi()
    made = {"schema/data/kubernetes.json": _json(builtin.kinds(document))}
    meta = builtin.definitions(document, [closed.META])
    groups = {
        group: [(it, closed.custom(it.schema)) for it in kinds]
        for group, kinds in groupby(sources.definitions(), key=lambda it: it.group)
    }
    for group, kinds in groups.items():
        made[f"schema/data/{group}.json"] = _json({"definitions": meta, "kinds": dict(_entries(kinds))})
        module, title = TITLES[group]
        named = [(it.api_version, it.kind, schema) for it, schema in kinds]
        made[f"plan/kinds/{module}.py"] = typeddicts.group_module(title, named)
    made["plan/kinds/meta.py"] = typeddicts.meta_module(meta)
    rules = {rule for kinds in groups.values() for _, schema in kinds for rule in closed.rules(schema)}
    made["schema/rules.py"] = celrules.module(sorted(rules))
    return made


def _entries(kinds: list[tuple[sources.Definition, closed.Schema]]) -> Iterator[tuple[str, Any]]:
    for it, schema in kinds:
        yield f"{it.api_version} {it.kind}", {"namespaced": it.namespaced, "schema": schema}


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGE)
