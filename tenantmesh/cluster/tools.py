"""Which program runs each component: what is on the machine where that will do, else what is built here."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from tenantmesh.cluster.build import built_program
from tenantmesh.cluster.modules import ModuleFiles, module_files
from tenantmesh.cluster.progress import OnProgress, Step
from tenantmesh.cluster.source import Source, find_go, find_source
from tenantmesh.errors import ClusterError

COMPONENTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
"""In the order in which they start."""

ASSETS_VARIABLE = "KUBEBUILDER_ASSETS"
"""The variable of Kubernetes' own test tools that names a folder with etcd and kube-apiserver."""

_REQUIRED = ("etcd", "kube-apiserver")


class Tools(Struct, frozen=True, kw_only=True):
    """What a cluster is made of.

    `programs` gives the command of each component that can run; `missing` names the others. Without `modules` there are
    no CRDs and no kwok stages.
    """

    version: str
    programs: Mapping[str, tuple[str, ...]]
    modules: ModuleFiles | None

    @property
    def missing(self) -> tuple[str, ...]:
        """The components that nothing here can run: without them Deployments never become ready."""
        return tuple(name for name in COMPONENTS if name not in self.programs)


def start_order(component: str) -> int:
    """The place of a component in the order of starting; what another version called otherwise comes first."""
    return COMPONENTS.index(component) if component in COMPONENTS else -1


def find_tools(cache: Path, on_progress: OnProgress) -> Tools:
    """The programs for a cluster, building what is missing.

    With KUBEBUILDER_ASSETS set, the programs in that folder are used, and only what they lack is built, if their minor
    version is the one that can be built; otherwise all is built. Where the folder lacks something and there is no Go,
    the cluster is an API server without controllers. Raises ClusterError when not even that is possible.
    """
    source = find_source()
    found = _on_the_machine()
    if not found:
        return _built(source, cache, on_progress)
    try:
        find_go(source)
    except ClusterError as problem:
        return _found_only(found, problem, on_progress)
    return _completed(found, source, cache, on_progress)


def _on_the_machine() -> dict[str, tuple[str, ...]]:
    assets = os.environ.get(ASSETS_VARIABLE)
    if not assets:
        return {}
    folder = Path(assets)
    found = {name: (str(folder / name),) for name in COMPONENTS if os.access(folder / name, os.X_OK)}
    absent = [name for name in _REQUIRED if name not in found]
    if absent:
        raise ClusterError(
            f"{ASSETS_VARIABLE}={assets} has no {' and no '.join(absent)}: correct it, or unset it to build"
        )
    return found


def _built(source: Source, cache: Path, on_progress: OnProgress) -> Tools:
    program = str(built_program(source, cache, on_progress))
    return Tools(
        version=source.version,
        programs={name: (program, name) for name in COMPONENTS},
        modules=module_files(source, cache, on_progress),
    )


def _completed(found: Mapping[str, tuple[str, ...]], source: Source, cache: Path, on_progress: OnProgress) -> Tools:
    """Programs from the machine with the rest built; controllers of another minor version must not meet the server."""
    version = _version(found["kube-apiserver"][0])
    modules = module_files(source, cache, on_progress)
    if len(found) == len(COMPONENTS):
        return Tools(version=version, programs=found, modules=modules)
    lacking = ", ".join(name for name in COMPONENTS if name not in found)
    if _minor(version) != _minor(source.version):
        on_progress(Step(text=f"{ASSETS_VARIABLE} lacks {lacking} for {version}: using {source.version} for all"))
        return _built(source, cache, on_progress)
    on_progress(Step(text=f"{ASSETS_VARIABLE} lacks {lacking}: taking these from the built control plane"))
    built = _built(source, cache, on_progress)
    return Tools(version=version, programs={**built.programs, **found}, modules=modules)


def _found_only(found: Mapping[str, tuple[str, ...]], problem: ClusterError, on_progress: OnProgress) -> Tools:
    """Stages come by Go too, so a kwok of the machine does not help without it."""
    programs = {name: command for name, command in found.items() if name != "kwok"}
    tools = Tools(version=_version(found["kube-apiserver"][0]), programs=programs, modules=None)
    on_progress(Step(text=f"no CRDs, no nodes and no {', '.join(tools.missing)}, so no pod will run: {problem}"))
    return tools


def _version(program: str) -> str:
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60)
    found = re.search(r"v\d+\.\d+\.\d+\S*", answer.stdout)
    if found is None:
        raise ClusterError(f"{program} --version does not tell a version: replace it, or unset {ASSETS_VARIABLE}")
    return found[0]


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]
