"""A proof of any size, with a chain of reasons in every edge."""

from tenantmesh.checks.proof import Edge, Fence, Proof, Shown, TenantClass
from tenantmesh.graph.verdict import Answer, Effect, Evidence, Layer, LayerVerdict, Verdict
from tenantmesh.manifest import ManifestObject
from tests.report.samples import ALL, thing


def large(tenants: int, grants: int = 2) -> Proof:
    """`tenants` tenants, each of which reaches the next `grants`, and each with a fence of its own."""
    names = tuple(f"tenant-{number:04}" for number in range(tenants))
    reached = [(one, names[(index + step + 1) % tenants]) for index, one in enumerate(names) for step in range(grants)]
    return Proof(
        tenants=names,
        shared=("istio-system", "kube-system"),
        matrix=tuple(_edge(*pair) for pair in reached),
        findings=(),
        unproven=(),
        classes=(TenantClass(tenants=names),),
        fences=tuple(
            Fence(
                tenant=one,
                shown=Shown(f"a stranger → {one}/web on 9080/TCP", _verdict("a stranger", one, Answer.DENIED)),
            )
            for one in names
        ),
    )


def _edge(source: str, destination: str) -> Edge:
    return Edge(
        source=source,
        destination=destination,
        ports=("9080/TCP",),
        layers=ALL,
        open=True,
        declared=True,
        reason="orders are read",
        paths=("GET /v1/*",),
        shown=Shown(
            f"{source}/shop → {destination}/orders GET /v1/1 on 9080/TCP",
            _verdict(source, destination, Answer.ALLOWED),
            (_object("AuthorizationPolicy", destination, f"grant-{source}"),),
        ),
    )


def _verdict(source: str, destination: str, answer: Answer) -> Verdict:
    effect = Effect.ALLOWS if answer is Answer.ALLOWED else Effect.DENIES
    layers = {Layer.NETWORK: "NetworkPolicy", Layer.IDENTITY: "AuthorizationPolicy", Layer.ROUTING: "Sidecar"}
    return Verdict(
        tuple(
            LayerVerdict(
                layer,
                answer,
                f"{kind} {destination}/grant-{source} {effect} {source} on port 9080",
                (
                    Evidence(
                        effect, "its peers are named", _object(kind, destination, f"grant-{source}"), "spec.rules[0]"
                    ),
                    Evidence(effect, "it selects every pod", _object(kind, source, "default"), "spec.egress[1]"),
                ),
                f"remove spec.rules[0] of {kind} {destination}/grant-{source}",
            )
            for layer, kind in layers.items()
        )
    )


def _object(kind: str, namespace: str, name: str) -> ManifestObject:
    return thing(kind, namespace, name, f"stacks/tenants.py:{len(namespace) + len(name)}")
