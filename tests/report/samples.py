"""A small proof, a change of it and a question, made by hand."""

from typing import Any

from msgspec.structs import replace

from tenantmesh.checks.differences.difference import Change, Difference, FieldChange, ObjectChange
from tenantmesh.checks.finding import Finding, Rule, Severity
from tenantmesh.checks.proof import Edge, Fence, Proof, Shown, TenantClass, Unproven
from tenantmesh.graph.verdict import Answer, Effect, Evidence, Layer, LayerVerdict, Verdict
from tenantmesh.manifest import ManifestObject
from tenantmesh.report import Explanation, Hop

REACH = Rule(
    id="network-reach",
    severity=Severity.ERROR,
    title="No tenant reaches another over the network without a grant.",
    why="A pod of one tenant may talk to the pods of another.",
    fix="Declare a grant, or narrow the policy.",
    sources=("https://kubernetes.io/docs/concepts/services-networking/network-policies/",),
)
LIMITS = Rule(
    id="missing-limits",
    severity=Severity.WARNING,
    title="Every container has limits.",
    why="One tenant may starve the others.",
    fix="Set limits.",
)


def thing(kind: str, namespace: str, name: str, source: str = "", **more: Any) -> ManifestObject:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return ManifestObject(body={"apiVersion": "v1", "kind": kind, "metadata": metadata, **more}, source=source)


LEAK = thing("NetworkPolicy", "acme", "allow-all", "acme/policies.yaml:12")
GRANT = thing("AuthorizationPolicy", "globex", "grant-acme", "stack.py:40")
LOCK = thing("NetworkPolicy", "initech", "default-deny", "initech.yaml:3")


def verdict(*answers: Answer, of: ManifestObject = LEAK) -> Verdict:
    effects = {Answer.ALLOWED: Effect.ALLOWS, Answer.DENIED: Effect.DENIES, Answer.UNPROVEN: Effect.UNKNOWN}
    return Verdict(
        tuple(
            LayerVerdict(
                layer,
                answer,
                f"{of.key.name} {effects[answer]} it",
                (
                    Evidence(effects[answer], "the rule matches every pod", of, "spec.ingress[0]"),
                    Evidence(Effect.ALLOWS, "no policy selects the source"),
                ),
                f"remove spec.ingress[0] of {of.key}",
            )
            for layer, answer in zip((Layer.NETWORK, Layer.IDENTITY, Layer.ROUTING), answers, strict=False)
        )
    )


OPEN = verdict(Answer.ALLOWED, Answer.ALLOWED, Answer.ALLOWED)
SHUT = verdict(Answer.DENIED, Answer.DENIED, Answer.ALLOWED, of=LOCK)
ALL = (Layer.NETWORK, Layer.IDENTITY, Layer.ROUTING)

BREACH = Edge(
    source="globex",
    destination="acme",
    ports=("any",),
    layers=ALL,
    open=True,
    shown=Shown("globex/any pod → acme/web on 9080/TCP", OPEN, (LEAK,)),
)
DECLARED = Edge(
    source="acme",
    destination="globex",
    ports=("9080/TCP",),
    layers=ALL,
    open=True,
    declared=True,
    reason="orders",
    paths=("GET /v1/*",),
    shown=Shown(
        "acme/shop → globex/orders GET /v1/1 on 9080/TCP",
        verdict(Answer.ALLOWED, Answer.ALLOWED, Answer.ALLOWED, of=GRANT),
        (GRANT,),
    ),
)
HALF = Edge(source="initech", destination="acme", ports=("any",), layers=(Layer.NETWORK,), open=False)
FRONT = Edge(source="outside", destination="acme", ports=("443/TCP",), layers=ALL, open=True, declared=True)

LEAKS = Finding(
    rule=REACH,
    tenants=("globex", "acme"),
    objects=(LEAK, thing("Namespace", "", "acme")),
    witness="globex/any pod → acme/web on 9080/TCP",
    message="NetworkPolicy acme/allow-all lets every namespace in",
    fix="remove spec.ingress[0].from[0] of NetworkPolicy acme/allow-all",
    evidence=(Evidence(Effect.ALLOWS, "an empty selector is every pod", LEAK, "spec.ingress[0].from[0]"),),
)
LIMITLESS = Finding(
    rule=LIMITS, tenants=("initech",), objects=(), witness="", message="initech has no limits", fix="add a LimitRange"
)
EXEMPT = replace(LIMITLESS, tenants=("globex",), message="globex has no limits")
ODD = Unproven(tenants=("*",), reason="kind Widget is not known", object=thing("Widget", "acme", "w", "w.yaml:1"))


PROOF = Proof(
    tenants=("acme", "globex", "initech"),
    shared=("istio-system", "kube-system"),
    matrix=(DECLARED, BREACH, HALF, FRONT),
    findings=(LEAKS, LIMITLESS),
    unproven=(ODD,),
    assumptions=("istiod's settings are assumed to be its defaults",),
    exempted=(EXEMPT,),
    classes=(TenantClass(tenants=("acme",)), TenantClass(tenants=("globex", "initech"))),
    fences=tuple(
        Fence(tenant=one, shown=Shown(f"a stranger → {one}/any pod", SHUT)) for one in ("acme", "globex", "initech")
    ),
)
CLEAN = replace(PROOF, matrix=(DECLARED, FRONT), findings=(), unproven=(), exempted=(), assumptions=())

WIDER = replace(DECLARED, ports=("9080/TCP", "9443/TCP"))
SECRET = ObjectChange(
    change=Change.UPDATE,
    before=thing("Secret", "acme", "keys"),
    after=thing("Secret", "acme", "keys", "acme/keys.yaml:1"),
    tenants=("acme",),
    fields=(FieldChange(path="data.password", before="aHVudGVyMg==", after="aHVudGVyMw=="),),
)
QUOTA = ObjectChange(
    change=Change.UPDATE,
    before=thing("ResourceQuota", "acme", "quota"),
    after=thing("ResourceQuota", "acme", "quota", "stack.py:9"),
    tenants=("acme",),
    fields=(FieldChange(path="spec.hard.pods", before="20", after="200"),),
)
CERTIFICATE = ObjectChange(
    change=Change.REPLACE,
    before=thing("Certificate", "acme", "edge"),
    after=thing("Certificate", "acme", "edge", "stack.py:10"),
    tenants=("acme",),
    fields=(FieldChange(path="spec.dnsNames[0]", before="acme.example.com", after="shop.example.com"),),
    why="spec.dnsNames",
)
GONE = ObjectChange(change=Change.DELETE, before=LOCK, after=None, tenants=("initech",))
NEW = ObjectChange(change=Change.CREATE, before=None, after=LEAK, tenants=("acme",))

DIFFERENCE = Difference(
    base=CLEAN,
    head=replace(PROOF, matrix=(WIDER, BREACH, HALF)),
    opened=(BREACH,),
    closed=(FRONT,),
    widened=((DECLARED, WIDER),),
    narrowed=(),
    found=(LEAKS,),
    fixed=(replace(LIMITLESS, tenants=("acme",)),),
    objects=(CERTIFICATE, GONE, QUOTA, SECRET, NEW),
    quotas=(QUOTA,),
    certificates=(CERTIFICATE,),
    tenants=("acme", "globex", "initech"),
)
SAME = Difference(
    base=CLEAN,
    head=CLEAN,
    opened=(),
    closed=(),
    widened=(),
    narrowed=(),
    found=(),
    fixed=(),
    objects=(),
    quotas=(),
    certificates=(),
    tenants=(),
)

EXPLANATION = Explanation(
    source="globex/cart",
    destination="initech/web",
    request="GET / on 9080/TCP",
    verdict=SHUT,
    hops=(
        Hop(source="globex/cart", destination="istio-system/gateway", request="GET /", verdict=OPEN),
        Hop(source="istio-system/gateway", destination="initech/web", request="GET /", verdict=SHUT),
    ),
)
