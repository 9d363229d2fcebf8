"""Objects of any shape: what is no policy is unproven or has no effect, and never an exception."""

from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.engine.values import UNKNOWN, Secret
from tenantmesh.graph.flow import Outside
from tests.graph.network.objects import TCP_80, layer, made, pod, web

NAMES = (
    *(
        "podSelector",
        "namespaceSelector",
        "ipBlock",
        "cidr",
        "except",
        "ports",
        "port",
        "endPort",
        "protocol",
        "matchLabels",
    ),
    *(
        "matchExpressions",
        "key",
        "operator",
        "values",
        "namespaces",
        "pods",
        "networks",
        "domainNames",
        "nodes",
        "action",
    ),
    *("portNumber", "portRange", "namedPort", "tcp", "destinationPort", "range", "rules", "http", "path", "headers"),
)
leaves = st.sampled_from(
    (
        None,
        True,
        1,
        80.0,
        -1,
        70000,
        float("nan"),
        float("inf"),
        "80",
        "x",
        "In",
        "10.0.0.0/8",
        "Deny",
        "world",
        "*.x",
        "(",
    )
) | st.builds(Secret, st.just("x"))
values = st.recursive(
    leaves | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=8,
)


def lists(**fields: st.SearchStrategy) -> st.SearchStrategy:
    return values | st.lists(st.fixed_dictionaries({}, optional=fields), max_size=2)


network_policies = st.fixed_dictionaries(
    {"podSelector": values}, optional={"policyTypes": values, "ingress": lists(**{"from": values, "ports": values})}
)
admin_policies = st.fixed_dictionaries(
    {"priority": values | st.just(1), "subject": values | st.just({"namespaces": {}})},
    optional={"egress": lists(action=values | st.just("Deny"), to=values, ports=values, protocols=values)},
)
cilium_rules = dict.fromkeys(
    ("fromEndpoints", "fromEntities", "fromCIDR", "fromCIDRSet", "fromGroups", "icmps", "toPorts"), values
)
cilium_policies = st.fixed_dictionaries(
    {"endpointSelector": values}, optional={"ingress": lists(**cilium_rules), "enableDefaultDeny": values}
)
KINDS = (
    ("networking.k8s.io/v1", "NetworkPolicy", "b", network_policies),
    ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", "", admin_policies),
    ("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", "", admin_policies),
    ("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "", admin_policies),
    ("cilium.io/v2", "CiliumNetworkPolicy", "b", cilium_policies),
    ("cilium.io/v2", "CiliumClusterwideNetworkPolicy", "", cilium_policies),
)
objects = st.one_of(
    *(
        (specs | values).map(lambda spec, version=version, kind=kind, at=at: made(version, kind, "odd", at, spec=spec))
        for version, kind, at, specs in KINDS
    )
)


@given(objects)
def test_no_shape_makes_an_exception(one):
    """Verdicts and openings come of it in every case."""
    network = layer(one)
    for source, destination in ((pod("a"), web()), (web(), pod("a")), (Outside(), web()), (web(), Outside(host="a.x"))):
        assert network.verdict(source, destination, TCP_80).reason
    assert all(opening.evidence for opening in network.openings("b"))
