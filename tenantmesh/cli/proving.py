"""From what the command line names to objects, what is meant by them, and their proof."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct
from rich.console import Console, RenderableType

from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.intent import Intent, find_intent
from tenantmesh.checks.declarations.statements import IntentFile
from tenantmesh.checks.differences.comparing import Compared
from tenantmesh.checks.layers import Layers
from tenantmesh.checks.prove import prove
from tenantmesh.cli.sources import Read
from tenantmesh.errors import TenantmeshError
from tenantmesh.graph.cluster import Cluster
from tenantmesh.report import Format

Manifests = Annotated[
    list[Path] | None,
    typer.Option("--manifests", help="Files and folders of YAML instead of a stack. Can be repeated."),
]
Kubeconfig = Annotated[
    Path | None, typer.Option("--kubeconfig", help="Read the live cluster of this kubeconfig instead of a stack.")
]
TenantLabel = Annotated[
    str, typer.Option("--tenant-label", help="The namespace label of tenants. Default: tenantmesh.dev/tenant.")
]
SharedNamespaces = Annotated[
    list[str] | None, typer.Option("--shared-namespace", help="A namespace that is everybody's. Can be repeated.")
]
IntentPath = Annotated[
    Path | None, typer.Option("--intent", help="YAML with tenants, grants, projects, exemptions and harmless kinds.")
]
Shape = Annotated[Format, typer.Option("--format", help="What the report is written in.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write the report into this file.")]

FOUND = 1
UNREADABLE = 2


class Meaning(Struct, frozen=True, kw_only=True):
    """How tenants, and what they declare, are found in a cluster's namespaces."""

    tenant_label: str = ""
    shared: tuple[str, ...] = ()
    file: IntentFile | None = None

    @classmethod
    def given(cls, label: str, shared: list[str] | None, path: Path | None) -> "Meaning":
        """What the options say. Raises IntentError when the file can't be used."""
        return cls(tenant_label=label, shared=tuple(shared or ()), file=IntentFile.read(path) if path else None)

    def of(self, cluster: Cluster) -> Intent:
        """The intent of `cluster`. Raises IntentError when a declaration can't be used."""
        return find_intent(cluster, self.file, tenant_label=self.tenant_label, shared=self.shared)


def proven(found: Read, meaning: Meaning) -> Compared:
    """The objects with their intent and the proof of today."""
    cluster = Cluster(found.manifest, mesh=found.mesh, unread=found.unread)
    intent = meaning.of(cluster)
    return Compared(manifest=found.manifest, intent=intent, proof=prove(cluster, intent, today=today()))


def context(found: Read, meaning: Meaning) -> Context:
    """The objects, ready to be asked about single flows."""
    cluster = Cluster(found.manifest, mesh=found.mesh, unread=found.unread)
    return Context(cluster=cluster, intent=meaning.of(cluster), layers=Layers.of(cluster), today=today())


def today() -> date:
    """The day by which exemptions and certificates are judged."""
    return date.today()


@contextmanager
def answering() -> Generator[None]:
    """What can't be read or used ends with one message and the exit code 2, apart from that of findings."""
    try:
        yield
    except TenantmeshError as error:
        Console(stderr=True).print(f"error: {error}", style="red", markup=False, highlight=False)
        raise typer.Exit(UNREADABLE) from error


def show(text: str, view: RenderableType | None, file: Path | None) -> None:
    """A report into `file`, or to a terminal in colours if it has a `view`, or to whatever reads the output."""
    if file is not None:
        file.write_text(text, encoding="utf-8")
    elif view is not None and sys.stdout.isatty():
        Console().print(view)
    else:
        sys.stdout.write(text)
