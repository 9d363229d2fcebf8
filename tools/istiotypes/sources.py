"""Finds the pinned Go modules and reads the CustomResourceDefinitions and the OpenAPI document that they carry."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
MODULES = {
    "istio.io/api": ["kubernetes/customresourcedefinitions.gen.yaml"],
    "sigs.k8s.io/gateway-api": ["config/crd/standard/gateway.networking.k8s.io_*.yaml"],
    "github.com/cert-manager/cert-manager": ["deploy/crds/cert-manager.io_certificates.yaml"],
}
KUBERNETES = "k8s.io/kubernetes"
OPENAPI = "api/openapi-spec/swagger.json"


@dataclass(frozen=True, slots=True)
class Definition:
    """One kind in the version that is written: `v1` where it is served, else the stored one."""

    group: str
    version: str
    kind: str
    namespaced: bool
    schema: dict[str, Any]

    @property
    def api_version(self) -> str:
        """What a body says in `apiVersion`."""
        return f"{self.group}/{self.version}"


def definitions() -> list[Definition]:
    """Every custom kind of the pinned modules, sorted by group and kind."""
    found = [_definition(crd) for module, patterns in MODULES.items() for crd in _crds(module_folder(module), patterns)]
    return sorted(found, key=lambda it: (it.group, it.kind))


def kubernetes_openapi() -> dict[str, Any]:
    """The OpenAPI (v2) document that Kubernetes publishes for its own kinds."""
    return json.loads((module_folder(KUBERNETES) / OPENAPI).read_text())


def module_folder(module: str) -> Path:
    """The folder of a module at the version in go.mod, downloaded when it is missing."""
    version = _pinned()[module]
    command = ["go", "mod", "download", "-json", f"{module}@{version}"]
    answer = subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.PIPE, text=True, timeout=600).stdout
    return Path(json.loads(answer)["Dir"])


def _pinned() -> dict[str, str]:
    pairs = (line.split() for line in (HERE / "go.mod").read_text().splitlines() if line.startswith("\t"))
    return {pair[0]: pair[1] for pair in pairs}


def _crds(folder: Path, patterns: list[str]) -> Iterator[dict[str, Any]]:
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            documents = yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader)
            yield from (it for it in documents if it and it["kind"] == "CustomResourceDefinition")


def _definition(crd: dict[str, Any]) -> Definition:
    spec = crd["spec"]
    served = [version for version in spec["versions"] if version["served"]]
    version = next((it for it in served if it["name"] == "v1"), None) or next(it for it in served if it["storage"])
    return Definition(
        group=spec["group"],
        version=version["name"],
        kind=spec["names"]["kind"],
        namespaced=spec["scope"] == "Namespaced",
        schema=version["schema"]["openAPIV3Schema"],
    )
