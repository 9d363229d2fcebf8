"""Whatever policies say beside a declaration of plain text: what proves clean opens no more than was declared."""

import datetime
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.prove import prove
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Request, Workload
from tenantmesh.graph.identity import IdentityLayer
from tenantmesh.graph.verdict import Answer
from tenantmesh.manifest import Manifest, ManifestObject
from tenantmesh.plan.tenant import plan_app, plan_tenant

TODAY = datetime.date(2030, 6, 1)
PORTS = (8080, 9090)
DECLARED = ("orders", 8080)
SECURITY = "security.istio.io/v1"
STRICTER = {"permissive-mtls", "identity-reach", "identity-uncovered"}


def planned():
    said = {"service": "orders", "ports": [8080], "until": "2030-06-01", "reason": "old jobs"}
    acme = parse_tenant("acme", {"settings": {"permissive": [said]}})
    bodies = list(plan_tenant(acme))
    for name in ("orders", "shop"):
        app = {"tenant": "acme", "image": "i", "ports": [{"port": port} for port in PORTS]}
        bodies += plan_app(parse_app(name, app, acme), acme)
    return bodies


BODIES = planned()
MODE = st.fixed_dictionaries({"mode": st.sampled_from(["STRICT", "PERMISSIVE", "DISABLE", "UNSET"])})
ORDERS = {"matchLabels": {"app.kubernetes.io/name": "orders"}}
SHOP = {"matchLabels": {"app.kubernetes.io/name": "shop"}}
SELECTOR = st.one_of(
    st.sampled_from([ORDERS, SHOP]),
    st.sampled_from(
        [{"matchLabels": ORDERS["matchLabels"] | {"version": "v1"}}, {"matchLabels": {"version": "v1"}}, {}]
    ),
)
SOME = st.lists(st.sampled_from([str(port) for port in PORTS]), min_size=1, unique=True)
LIKE_PEERS = st.builds(
    lambda pods, ports: {"selector": pods, "portLevelMtls": {port: {"mode": "PERMISSIVE"} for port in ports}},
    st.sampled_from([ORDERS, SHOP]),
    SOME,
)
LIKE_ALLOW = st.builds(
    lambda pods, ports: {
        "selector": pods,
        "rules": [{"from": [{"source": {"notPrincipals": ["*"]}}], "to": [{"operation": {"ports": ports}}]}],
    },
    st.sampled_from([ORDERS, SHOP]),
    SOME,
)
"""Spelled as what is planned, for some service and ports."""
ANY_PEERS = st.fixed_dictionaries(
    {"portLevelMtls": st.dictionaries(st.sampled_from([str(port) for port in PORTS]), MODE, min_size=1)},
    optional={"selector": SELECTOR, "mtls": MODE},
)
SOURCE = st.one_of(
    st.just({"notPrincipals": ["*"]}),
    st.sampled_from(
        [
            {"notPrincipals": ["cluster.local/ns/globex/sa/*"]},
            {"notNamespaces": ["*"]},
            {"principals": ["cluster.local/ns/acme/sa/*"]},
            {"principals": ["*"]},
        ]
    ),
)
OPERATION = st.fixed_dictionaries(
    {}, optional={"ports": st.lists(st.sampled_from(["8080", "9090"]), min_size=1), "methods": st.just(["GET"])}
)
RULE = st.fixed_dictionaries(
    {"from": st.lists(st.fixed_dictionaries({"source": SOURCE}), min_size=1, max_size=2)},
    optional={"to": st.lists(st.fixed_dictionaries({"operation": OPERATION}), min_size=1, max_size=2)},
)
ANY_ALLOW = st.fixed_dictionaries(
    {"rules": st.lists(st.one_of(RULE, st.just({})), max_size=2)}, optional={"selector": SELECTOR}
)


PEERS, ALLOW = LIKE_PEERS | ANY_PEERS, LIKE_ALLOW | ANY_ALLOW


def of(kind, name, spec):
    return {"apiVersion": SECURITY, "kind": kind, "metadata": {"name": name, "namespace": "acme"}, "spec": spec}


@given(
    st.lists(PEERS, max_size=2),
    st.lists(ALLOW, max_size=2),
    st.sampled_from(
        [(), ("PeerAuthentication",), ("AuthorizationPolicy",), ("PeerAuthentication", "AuthorizationPolicy")]
    ),
)
@settings(max_examples=250, deadline=None)
def test_what_proves_clean_takes_plain_text_where_it_was_declared_only(peers, allows, gone):
    """The exact verdict on single requests knows nothing of declarations."""
    kept = [one for one in BODIES if not (one["kind"] in gone and one["metadata"]["name"].startswith("permissive"))]
    more = [of("PeerAuthentication", f"p{at}", spec) for at, spec in enumerate(peers)]
    more += [of("AuthorizationPolicy", f"a{at}", spec) for at, spec in enumerate(allows)]
    cluster = Cluster(Manifest.of(ManifestObject(body=body, source="objects") for body in (*kept, *more)))
    found = prove(cluster, find_intent(cluster), today=TODAY)
    if STRICTER & {one.rule.id for one in found.findings} or found.unproven:
        return
    layer, stranger = IdentityLayer(cluster), Workload(namespace="globex", name="jobs")
    opened = {
        (pod.name, port)
        for pod, port in product(cluster.workloads["acme"], PORTS)
        if layer.verdict(stranger, pod, Request(port=port)).answer is not Answer.DENIED
    }
    assert opened <= {DECLARED}
