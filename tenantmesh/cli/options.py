"""The options that several verbs share, each spelled once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Stack = Annotated[
    str | None, typer.Option("--stack", "-s", envvar="PULUMI_STACK", help="The stack. Default: the project's only one.")
]
Program = Annotated[
    Path, typer.Option("--program", help="A folder with Pulumi.yaml. Default: this one or the nearest above it.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one document in the shape of `pulumi preview --json`.")]
Kubeconfig = Annotated[Path | None, typer.Option("--kubeconfig", help="The cluster to use. Default: KUBECONFIG.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Go on after the preview without asking.")]
Parallel = Annotated[int, typer.Option("--parallel", "-p", min=1, help="How many resources at one time.")]
Refresh = Annotated[bool, typer.Option("--refresh", "-r", help="Look at the cluster first, and mend what drifted.")]
ContinueOnError = Annotated[
    bool, typer.Option("--continue-on-error", help="After a failure, go on with what does not depend on it.")
]
SkipPreview = Annotated[bool, typer.Option("--skip-preview", "-f", help="Act at once, without a preview.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write YAML into this folder and contact no cluster.")]
WithSecrets = Annotated[bool, typer.Option("--with-secrets", help="Write the data of Secrets too.")]


class Engine(StrEnum):
    """Who carries `up` out."""

    AUTO = "auto"
    PULUMI = "pulumi"
    EMBEDDED = "embedded"


Chosen = Annotated[
    Engine, typer.Option("--engine", help="The real CLI, the embedded engine, or the former where it is on PATH.")
]
RequiredOut = Annotated[Path, typer.Option("--out", help="The folder to write into.")]
