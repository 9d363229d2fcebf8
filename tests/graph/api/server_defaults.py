"""What the API server makes of roles and bindings by itself, in the form of the package's own file.

`python -m tests.graph.api.server_defaults FOLDER` writes the file anew from the cluster in FOLDER.
"""

import json
import sys
from pathlib import Path

from tenantmesh.cluster import Cluster

RBAC = "/apis/rbac.authorization.k8s.io/v1"
KINDS = {"ClusterRole": "clusterroles", "ClusterRoleBinding": "clusterrolebindings"}
FILE = Path(__file__).parents[3] / "tenantmesh" / "graph" / "api" / "bootstrap.jsonl"
LABEL = "kubernetes.io/bootstrapping"


def lines(api) -> list[str]:
    """One object a line, by kind and name; rules of aggregated roles are left to the aggregation."""
    return [
        json.dumps(_kept(kind, item), sort_keys=True, separators=(",", ":"))
        for kind, plural in KINDS.items()
        for item in sorted(api.get(f"{RBAC}/{plural}")["items"], key=lambda item: item["metadata"]["name"])
        if item["metadata"].get("labels", {}).get(LABEL) == "rbac-defaults"
    ]


def _kept(kind, item):
    metadata = {"name": item["metadata"]["name"], "labels": item["metadata"]["labels"]}
    fields = ("aggregationRule",) if "aggregationRule" in item else ("rules", "subjects", "roleRef")
    return {"kind": kind, "metadata": metadata} | {field: item[field] for field in fields if item.get(field)}


if __name__ == "__main__":
    FILE.write_text("".join(f"{line}\n" for line in lines(Cluster.at(Path(sys.argv[1])).api())))
