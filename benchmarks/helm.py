"""A helm to compare with, built once from its Go module, and a chart that renders the same tenants."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks import tenants
from tenantmesh.cluster.progress import Step
from tenantmesh.manifest import Body
from tests.programs import built_program

_PACKAGE = "helm.sh/helm/v3/cmd/helm"
_PLACEHOLDER = "placeholder-of-a-name"


def find_helm() -> Path | None:
    """The program, built on first use (some minutes); None where there is no Go to build it."""
    if shutil.which("go") is None:
        return None
    return built_program("helm", package=_PACKAGE, on_progress=_tell)


def _tell(step: Step) -> None:
    print(step.text, flush=True)


def write_chart(folder: Path, count: int) -> Path:
    """A chart that renders `count` tenants from their names alone; its template is what one tenant is planned as."""
    chart = folder / f"chart{count}"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: tenants\nversion: 0.1.0\n")
    values = {"tenants": [{"name": name} for name in tenants.names(count)]}
    (chart / "values.yaml").write_text(json.dumps(values))
    documents = [yaml.safe_dump(_as_template(_plain(body))) for body in tenants.bodies(_PLACEHOLDER)]
    text = "".join(f"---\n{document}" for document in documents)
    (chart / "templates" / "tenants.yaml").write_text(f"{{{{- range .Values.tenants }}}}\n{text}{{{{- end }}}}\n")
    return chart


def _as_template(value: Any) -> Any:
    """`value` with every text that holds the placeholder, as a key or a value, asking for the tenant's name instead."""
    match value:
        case dict():
            return {_as_template(key): _as_template(item) for key, item in value.items()}
        case list():
            return [_as_template(item) for item in value]
        case str():
            return value.replace(_PLACEHOLDER, "{{ .name }}")
        case _:
            return value


def template_command(helm: Path, chart: Path) -> list[str]:
    """The command line that renders the chart without a cluster."""
    return [str(helm), "template", "benchmark", str(chart)]


def differing(helm: Path, chart: Path, wanted: Sequence[Body]) -> list[str]:
    """What helm renders otherwise than `wanted`: the comparison holds only when this is empty."""
    done = subprocess.run(
        template_command(helm, chart), check=True, capture_output=True, timeout=600, env=environment()
    )
    rendered = [_text(body) for body in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader)]
    return sorted(set(rendered) ^ {_text(_plain(body)) for body in wanted})


def environment() -> dict[str, str]:
    """The caller's, without helm's own settings."""
    return {key: value for key, value in os.environ.items() if not key.startswith("HELM_")}


def _text(body: Any) -> str:
    return json.dumps(body, sort_keys=True)


def _plain(body: Body) -> Any:
    return json.loads(json.dumps(body))
