"""`tenantmesh explain`: why one reaches another or not, layer by layer."""

from typing import Annotated

import typer

from tenantmesh.checks.asking import Answered, Question, ask
from tenantmesh.checks.layers import Flow
from tenantmesh.cli import options as given
from tenantmesh.cli import proving
from tenantmesh.cli.runs import HERE
from tenantmesh.cli.sources import Source
from tenantmesh.errors import IntentError
from tenantmesh.graph.flow import Request
from tenantmesh.graph.verdict import Verdict
from tenantmesh.report import Explanation, Format, Hop, explanation_view, render_explanation

From = Annotated[
    str, typer.Argument(metavar="SOURCE", help="A tenant, namespace/workload, outside, or an outside host or address.")
]
To = Annotated[
    str, typer.Argument(metavar="DESTINATION[:PORT]", help="The same, or a service's host or a host of a gateway.")
]
Method = Annotated[str, typer.Option("--method", help="The HTTP method.")]
UrlPath = Annotated[str, typer.Option("--path", help="The path of the URL.")]
Host = Annotated[str, typer.Option("--host", help="The host that is asked for. Default: by the destination.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one document for scripts.")]


def explain(
    source: From,
    destination: To,
    method: Method = "GET",
    path: UrlPath = "/",
    host: Host = "",
    stack: given.Stack = None,
    program: given.Program = HERE,
    manifests: proving.Manifests = None,
    kubeconfig: proving.Kubeconfig = None,
    tenant_label: proving.TenantLabel = "",
    shared_namespace: proving.SharedNamespaces = None,
    intent: proving.IntentPath = None,
    *,
    json: AsJson = False,
) -> None:
    """Say why SOURCE reaches DESTINATION or not, and what would change it. Exits with 2 when it can't be answered."""
    with proving.answering():
        name, port = _with_port(destination)
        question = Question(source=source, destination=name, port=port, method=method, path=path, host=host)
        meaning = proving.Meaning.given(tenant_label, shared_namespace, intent)
        paths = tuple(manifests or ())
        objects = Source(manifests=paths, kubeconfig=kubeconfig, stack=stack, program=program).read()
        found = _explanation(ask(proving.context(objects, meaning), question))
        view = None if json else explanation_view(found)
        proving.show(render_explanation(found, Format.JSON if json else Format.TEXT), view, None)


def _with_port(text: str) -> tuple[str, int | None]:
    name, colon, port = text.rpartition(":")
    if not colon or (":" in name and not name.startswith("[")):
        return text, None
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        raise IntentError([f"{text}: {port!r} is not a port (1-65535)"])
    return name.strip("[]"), int(port)


def _explanation(found: Answered) -> Explanation:
    flow = found.flow
    return Explanation(
        source=str(flow.source),
        destination=str(flow.destination),
        request=_request(flow.request),
        verdict=found.verdict,
        hops=tuple(_hop(one, verdict) for one, verdict in found.hops),
    )


def _hop(flow: Flow, verdict: Verdict) -> Hop:
    ends = {"source": str(flow.source), "destination": str(flow.destination)}
    return Hop(**ends, request=_request(flow.request), verdict=verdict)


def _request(request: Request) -> str:
    """The request as people write it."""
    place = f"{request.host or '*'}:{request.port}"
    return f"{request.method} {place}{request.path}" if request.method and request.protocol == "TCP" else place
