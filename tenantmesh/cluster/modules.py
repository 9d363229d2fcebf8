"""What the cluster takes from Go modules as data: kwok's stages and the CRDs of Istio and the Gateway API."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from tenantmesh.cluster.build import cached, run_go
from tenantmesh.cluster.progress import OnProgress, Step
from tenantmesh.cluster.source import Source
from tenantmesh.errors import ClusterError

_KWOK = "sigs.k8s.io/kwok"
_STAGES = (
    "kustomize/stage/node/fast/node-initialize.yaml",
    "kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
    "kustomize/stage/pod/fast/pod-complete.yaml",
    "kustomize/stage/pod/fast/pod-delete.yaml",
    "kustomize/stage/pod/fast/pod-ready.yaml",
)
_CRDS = {
    "istio.io/api": "kubernetes/customresourcedefinitions.gen.yaml",
    "sigs.k8s.io/gateway-api": "config/crd/standard/*_*.yaml",
}
_ORIGIN = "tenantmesh.dev/origin"
_LAYOUT = "1"


class ModuleFiles(Struct, frozen=True, kw_only=True):
    """A folder in the cache that holds the files of one set of module versions."""

    folder: Path

    @property
    def stages(self) -> tuple[Path, ...]:
        """Upstream's kwok stages that a fast cluster needs, as YAML files."""
        return tuple(sorted((self.folder / "stages").glob("*.yaml")))

    def crds(self) -> Iterator[dict[str, Any]]:
        """Each CustomResourceDefinition, with the module and version that it comes from as an annotation."""
        for path in sorted((self.folder / "crds").glob("*.json")):
            yield json.loads(path.read_bytes())


def module_files(source: Source, cache: Path, on_progress: OnProgress) -> ModuleFiles:
    """The files of the versions that `source` pins, fetched by Go on first use and checked against go.sum."""
    folder = cache / "modules" / f"{source.version}-{source.digest(_LAYOUT)}"
    cached(folder, lambda part: _fill(source, part, on_progress), on_progress)
    return ModuleFiles(folder=folder)


def _fill(source: Source, part: Path, on_progress: OnProgress) -> None:
    on_progress(Step(text="fetching the CRDs of Istio and the Gateway API, and kwok's stages"))
    (part / "stages").mkdir()
    (part / "crds").mkdir()
    kwok, _ = _download(_KWOK, source.folder)
    for stage in _STAGES:
        shutil.copyfile(kwok / stage, part / "stages" / Path(stage).name)
    for module, pattern in _CRDS.items():
        folder, version = _download(module, source.crds)
        for crd in _definitions(folder, pattern):
            crd["metadata"].setdefault("annotations", {})[_ORIGIN] = f"{module}@{version}"
            (part / "crds" / f"{crd['metadata']['name']}.json").write_text(json.dumps(crd))


def _download(module: str, folder: Path) -> tuple[Path, str]:
    """Where a module lies that the go.mod in `folder` requires, and its version."""
    answer = json.loads(run_go(["mod", "download", "-json", module], folder))
    return Path(answer["Dir"]), answer["Version"]


def _definitions(folder: Path, pattern: str) -> Iterator[dict[str, Any]]:
    """The CRDs in the files that match; the Gateway API's own guard policies lie among its CRDs and are left out."""
    found = False
    for path in sorted(folder.glob(pattern)):
        for document in yaml.load_all(path.read_bytes(), Loader=yaml.CSafeLoader):
            if document and document.get("kind") == "CustomResourceDefinition":
                found = True
                yield document
    if not found:
        raise ClusterError(f"no CustomResourceDefinition in {folder / pattern}: pin a version that still has it there")
