"""PeerAuthentication: which ports of a pod ask for mutual TLS, and what a client without a certificate may then do.

Source: https://istio.io/latest/docs/reference/config/security/peer_authentication/.
"""

import pytest
from msgspec.structs import replace

from tenantmesh.graph.flow import Outside, Proxy, Request
from tenantmesh.graph.verdict import Answer
from tests.graph.identity.objects import (
    GET,
    NETWORKING,
    STRANGER,
    TCP,
    answer,
    client,
    made,
    of,
    peers,
    policy,
    verdict,
    web,
)

ALLOWED, DENIED, UNPROVEN = Answer.ALLOWED, Answer.DENIED, Answer.UNPROVEN
WEB = {"selector": {"matchLabels": {"app": "web"}}}
OLD, NEW = ({"creationTimestamp": f"2026-01-0{day}T00:00:00Z"} for day in (1, 2))
ADMIN = Request(port=9090)

# What somebody without a certificate gets at `web`: on port 8080, and on 9090.
MODES = {
    "nothing is said": ((), ALLOWED, ALLOWED),
    "the namespace is strict": ((peers(),), DENIED, DENIED),
    "the namespace is permissive": ((peers(mode="PERMISSIVE"),), ALLOWED, ALLOWED),
    "the namespace takes plain text only": ((peers(mode="DISABLE"),), ALLOWED, ALLOWED),
    "the mesh is strict": ((peers("istio-system"),), DENIED, DENIED),
    "another namespace is strict": ((peers("a"),), ALLOWED, ALLOWED),
    "the namespace goes before the mesh": ((peers("istio-system"), peers(mode="PERMISSIVE")), ALLOWED, ALLOWED),
    "UNSET takes the mesh's": ((peers("istio-system"), peers(mode="UNSET")), DENIED, DENIED),
    "no mode takes the mesh's": ((peers("istio-system"), peers(mode="")), DENIED, DENIED),
    "UNSET alone is permissive": ((peers(mode="UNSET"),), ALLOWED, ALLOWED),
    "the pod goes before the namespace": ((peers(), peers(mode="PERMISSIVE", name="pod", **WEB)), ALLOWED, ALLOWED),
    "the pod's UNSET takes the namespace's": ((peers(), peers(mode="UNSET", name="pod", **WEB)), DENIED, DENIED),
    "other pods are not asked": ((peers(selector={"matchLabels": {"app": "db"}}),), ALLOWED, ALLOWED),
    "a port goes before the pod": ((peers(**WEB, portLevelMtls={"9090": {"mode": "PERMISSIVE"}}),), DENIED, ALLOWED),
    "a port's UNSET takes the pod's": ((peers(**WEB, portLevelMtls={"9090": {"mode": "UNSET"}}),), DENIED, DENIED),
    "a port alone leaves the others to the namespace": (
        (peers(), peers(mode="", name="pod", **WEB, portLevelMtls={"9090": {"mode": "DISABLE"}})),
        DENIED,
        ALLOWED,
    ),
    "ports need a selector": ((peers(portLevelMtls={"9090": {"mode": "PERMISSIVE"}}),), DENIED, DENIED),
    "the oldest of the namespace holds": (
        (peers(metadata=NEW, name="a"), peers(mode="PERMISSIVE", metadata=OLD, name="b")),
        ALLOWED,
        ALLOWED,
    ),
    "the oldest of the pod holds": (
        (peers(metadata=OLD, **WEB), peers(mode="PERMISSIVE", metadata=NEW, name="aaa", **WEB)),
        DENIED,
        DENIED,
    ),
    "selectors of the root namespace reach no other": ((peers("istio-system", **WEB),), ALLOWED, ALLOWED),
}


@pytest.mark.parametrize("case", MODES)
def test_who_has_no_certificate_gets_in_where_plain_text_is_taken(case):
    objects, on_8080, on_9090 = MODES[case]
    for source in (STRANGER, Outside(), client(proxy=Proxy.NONE)):
        assert answer(objects, source, GET) is on_8080
        assert answer(objects, source, ADMIN) is on_9090
        assert answer(objects, source, TCP) is on_8080


def test_who_switches_mutual_tls_off_in_a_namespace_gets_no_certificates_at_its_strict_pods():
    """Clients' proxies go by the namespace and not by its pods; who brings its certificate itself gets in."""
    shut = (peers(mode="DISABLE"), peers(name="pod", **WEB))
    assert answer(shut) is DENIED
    assert answer(shut, request=replace(GET, mtls=True)) is ALLOWED


def test_who_switches_mutual_tls_off_in_a_namespace_can_t_tell_clients_apart_at_its_permissive_pods():
    """A policy that denies a namespace does not know its requests."""
    shut = (peers(mode="DISABLE"), peers(mode="PERMISSIVE", name="pod", **WEB), policy("DENY", of(namespaces=["a"])))
    assert answer(shut) is ALLOWED
    assert answer(shut, request=replace(GET, mtls=True)) is DENIED


@pytest.mark.parametrize("mode", ["STRICT", "PERMISSIVE", "DISABLE"])
def test_members_of_the_mesh_get_in_everywhere(mode):
    assert answer((peers(mode=mode),)) is ALLOWED


@pytest.mark.parametrize(("mode", "right"), [("STRICT", ALLOWED), ("PERMISSIVE", ALLOWED), ("DISABLE", DENIED)])
def test_plain_text_proves_no_identity(mode, right):
    """Where mutual TLS is off, a member of the mesh is nobody, and no ALLOW by its name lets it in."""
    objects = (peers(mode=mode), policy("ALLOW", of(namespaces=["a"])))
    assert answer(objects) is right


def test_a_client_without_a_certificate_passes_a_deny_by_names():
    """Only notPrincipals or STRICT keeps out who has no name."""
    assert answer((policy("DENY", of(principals=["*"])),), STRANGER) is ALLOWED
    assert answer((policy("DENY", of(notPrincipals=["cluster.local/ns/a/sa/client"])),), STRANGER) is DENIED
    assert answer((peers(), policy("DENY", of(principals=["*"]))), STRANGER) is DENIED


def test_a_request_may_come_without_the_certificate_that_its_pod_has():
    """Whoever may run in a pod can send past its own proxy."""
    without = Request(port=8080, mtls=False)
    assert answer((peers(),), client(), without) is DENIED
    assert answer((policy("ALLOW", of(namespaces=["a"])),), client(), without) is DENIED
    assert answer((), client(), without) is ALLOWED


def test_the_verdict_names_the_policy_and_the_mode_that_refused():
    found = verdict((peers(),), STRANGER)
    assert [(str(one.key), one.path) for one in found.evidence] == [("PeerAuthentication b/peers", "spec.mtls.mode")]
    assert "PeerAuthentication b/peers" in found.change


def test_a_mode_that_is_not_known_is_unproven():
    assert answer((peers(mode="LAX"),), STRANGER) is UNPROVEN


# What a client's own sidecar sends: https://istio.io/latest/docs/reference/config/networking/destination-rule/.
SERVICE = made(
    "v1", "Service", "web", "b", spec={"selector": {"app": "web"}, "ports": [{"name": "http", "port": 8080}]}
)


def rule(mode: str, place: str = "a", host: str = "web.b.svc.cluster.local", **fields):
    """A DestinationRule with a mode of TLS."""
    spec = {"host": host, "trafficPolicy": {"tls": {"mode": mode}}, **fields}
    return made(NETWORKING, "DestinationRule", "rule", place, spec=spec)


def for_port(number: int, mode: str):
    """A policy for one port alone."""
    return {"portLevelSettings": [{"port": {"number": number}, "tls": {"mode": mode}}]}


PLAIN_SUBSET = {"name": "v1", "trafficPolicy": {"tls": {"mode": "DISABLE"}}}
RULES = {
    "mutual TLS of the mesh": (rule("ISTIO_MUTUAL"), ALLOWED),
    "plain text": (rule("DISABLE"), DENIED),
    "TLS without a certificate of the mesh": (rule("SIMPLE"), DENIED),
    "the destination's own rule": (rule("DISABLE", "b", "web"), DENIED),
    "a rule that the client does not see": (rule("DISABLE", "b", "web", exportTo=["."]), ALLOWED),
    "another namespace's rule": (rule("DISABLE", "c"), ALLOWED),
    "another host's rule": (rule("DISABLE", host="db.b.svc.cluster.local"), ALLOWED),
    "all hosts of the namespace": (rule("DISABLE", host="*.b.svc.cluster.local"), DENIED),
    "all hosts of the cluster": (rule("DISABLE", host="*.local"), DENIED),
    "the port's own setting": (rule("ISTIO_MUTUAL", trafficPolicy=for_port(8080, "DISABLE")), DENIED),
    "another port's setting": (rule("DISABLE", trafficPolicy=for_port(9090, "DISABLE")), ALLOWED),
    "a subset's": (rule("DISABLE", trafficPolicy={}, subsets=[PLAIN_SUBSET]), ALLOWED),
}


@pytest.mark.parametrize("case", RULES)
def test_a_destination_rule_may_take_the_certificate_away(case):
    one, right = RULES[case]
    assert answer((peers(), SERVICE, one)) is right


def test_a_rule_of_the_client_s_namespace_hides_the_destination_s_and_the_closest_host_goes_first():
    silent = rule("DISABLE", host="*.local", trafficPolicy={})
    assert answer((peers(), SERVICE, silent, rule("DISABLE", "b", "web"))) is ALLOWED
    assert answer((peers(), SERVICE, rule("DISABLE", metadata={"name": "close"}), silent)) is DENIED


def subset(policy, **labels):
    """A DestinationRule with a mode for all requests and other settings for those to a subset."""
    return rule("ISTIO_MUTUAL", subsets=[{"name": "v1", "labels": labels or {"app": "web"}, "trafficPolicy": policy}])


def sends(to: str, host: str = "web.b.svc.cluster.local"):
    """A VirtualService that sends requests to a subset."""
    destination = {"host": host, "subset": to}
    spec = {"hosts": ["web.b.svc.cluster.local"], "http": [{"route": [{"destination": destination}]}]}
    return made(NETWORKING, "VirtualService", "way", "a", spec=spec)


PLAIN = {"tls": {"mode": "DISABLE"}}
MUTUAL = {"tls": {"mode": "ISTIO_MUTUAL"}}
# A subset inherits its rule's policy, and what it says itself overrides that field by field; settings of a port inherit
# nothing: https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset and #TrafficPolicy.
SUBSETS = {
    "a subset in plain text": (subset(PLAIN), "v1", ALLOWED),
    "a subset that nobody is sent to": (subset(PLAIN), "v2", DENIED),
    "a subset of other pods": (subset(PLAIN, app="other"), "v1", DENIED),
    "a subset that says the same": (subset(MUTUAL), "v1", DENIED),
    "a subset that says nothing of TLS": (subset({"connectionPool": {}}), "v1", DENIED),
    "a subset's port in plain text": (subset(for_port(8080, "DISABLE")), "v1", ALLOWED),
    "another port of a subset in plain text": (subset(for_port(9090, "DISABLE")), "v1", DENIED),
    "a subset's port goes before its whole": (subset({**MUTUAL, **for_port(8080, "DISABLE")}), "v1", ALLOWED),
}


@pytest.mark.parametrize("case", SUBSETS)
def test_who_is_sent_to_a_subset_in_plain_text_comes_without_a_name(case):
    """A DENY of all of the caller's namespace denies nobody who proves no name; plain text is taken."""
    one, to, right = SUBSETS[case]
    fence = policy("DENY", of(namespaces=["a"]))
    assert answer((peers(mode="PERMISSIVE"), SERVICE, fence, one, sends(to))) is right


@pytest.mark.parametrize(
    ("host", "place", "right"),
    [
        ("web.b.svc.cluster.local", "a", ALLOWED),
        ("WEB.b.svc.cluster.local", "a", ALLOWED),
        ("db.b.svc.cluster.local", "a", DENIED),
        ("web", "a", DENIED),
        ("web", "b", ALLOWED),
    ],
)
def test_a_subset_is_of_the_host_that_a_route_names(host, place, right):
    """Short names are of the route's own namespace."""
    fence = policy("DENY", of(namespaces=["a"]))
    way = sends("v1", host)
    way.body["metadata"]["namespace"] = place
    assert answer((peers(mode="PERMISSIVE"), SERVICE, fence, subset(PLAIN), way)) is right


def test_a_rule_for_all_hosts_of_a_namespace_has_its_subsets_at_each():
    one = rule("ISTIO_MUTUAL", host="*.b.svc.cluster.local", subsets=[{"name": "v1", "trafficPolicy": PLAIN}])
    fence = policy("DENY", of(namespaces=["a"]))
    assert answer((peers(mode="PERMISSIVE"), SERVICE, fence, one, sends("v1"))) is ALLOWED
    assert answer((peers(mode="PERMISSIVE"), SERVICE, fence, one, sends("v1", "db.c.svc.cluster.local"))) is DENIED


def test_a_subset_s_port_that_is_silent_leaves_it_to_automatic_mutual_tls():
    silent = {"portLevelSettings": [{"port": {"number": 8080}}]}
    one = rule("DISABLE", subsets=[{"name": "v1", "labels": {"app": "web"}, "trafficPolicy": silent}])
    assert answer((peers(), SERVICE, one, sends("v1"))) is ALLOWED
    assert answer((peers(), SERVICE, one, sends("v2"))) is DENIED


def test_without_automatic_mutual_tls_nobody_shows_a_certificate_unasked():
    assert answer((peers(), SERVICE), auto_mtls=False) is DENIED
    assert answer((peers(), SERVICE, rule("ISTIO_MUTUAL")), auto_mtls=False) is ALLOWED


def test_what_passes_the_proxy_by_is_let_in():
    """Ports that the pod takes out of the mesh, UDP and the proxy's own: no policy is asked."""
    shut = (peers(), policy("ALLOW"))
    out = web(annotations={"traffic.sidecar.istio.io/excludeInboundPorts": "9090"})
    assert answer(shut, STRANGER, ADMIN, out) is ALLOWED
    assert answer(shut, STRANGER, GET, out) is DENIED
    only = web(annotations={"traffic.sidecar.istio.io/includeInboundPorts": "8080"})
    assert answer(shut, STRANGER, ADMIN, only) is ALLOWED
    assert answer(shut, STRANGER, GET, only) is DENIED
    assert answer(shut, STRANGER, Request(port=15021)) is ALLOWED
    assert answer(shut, STRANGER, Request(port=53, protocol="UDP")) is ALLOWED
