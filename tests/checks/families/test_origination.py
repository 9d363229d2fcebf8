"""TLS to hosts outside: whether it is begun, and whose certificates it takes."""

import json

import pytest

from tests.checks.breaches import of_rule, proven

HOST = "api.cards.example"
VERIFIED = {"mode": "SIMPLE", "sni": HOST, "subjectAltNames": [HOST]}
ANY_HOST = f"takes a certificate for any host as that of {HOST}"
ANYBODY = f"takes any certificate as that of {HOST}"


def text(kind, spec, name="cards", namespace="acme"):
    metadata = {"name": name, "namespace": namespace}
    body = {"apiVersion": "networking.istio.io/v1", "kind": kind, "metadata": metadata, "spec": spec}
    return json.dumps(body)


def entry(*ports, hosts=(HOST,), namespace="acme", **more):
    numbered = [{"name": f"{name.lower()}-{port}", "number": port, "protocol": name} for port, name in ports]
    spec = {"exportTo": ["."], "hosts": list(hosts), "ports": numbered, "resolution": "DNS", **more}
    return text("ServiceEntry", spec, namespace=namespace)


def rule(policy, host=HOST, namespace="acme", **more):
    return text(
        "DestinationRule", {"exportTo": ["."], "host": host, "trafficPolicy": policy, **more}, namespace=namespace
    )


def route(port=443, section="http", **destination):
    to = {"host": HOST, **({"port": {"number": port}} if port else {}), **destination}
    return text("VirtualService", {"exportTo": ["."], "hosts": [HOST], section: [{"route": [{"destination": to}]}]})


def at_port(tls, port=443):
    return {"portLevelSettings": [{"port": {"number": port}, "tls": tls}]}


SHARED = {"namespace": "istio-system"}
BOTH = entry((80, "HTTP"), (443, "HTTPS"))


def messages(*objects):
    return [one.message for one in of_rule(proven(*objects), "unverified-outside")]


@pytest.mark.parametrize("policy", [{"tls": VERIFIED}, at_port(VERIFIED)])
def test_a_host_that_is_held_to_its_name_is_fine(policy):
    assert messages(BOTH, rule(policy), route()) == []


@pytest.mark.parametrize(
    ("tls", "what", "field"),
    [
        ({"mode": "SIMPLE", "sni": HOST}, ANY_HOST, "subjectAltNames"),
        ({"mode": "SIMPLE", "sni": HOST, "subjectAltNames": []}, ANY_HOST, "subjectAltNames"),
        ({"mode": "MUTUAL", "sni": HOST, "credentialName": "ours"}, ANY_HOST, "subjectAltNames"),
        ({**VERIFIED, "insecureSkipVerify": True}, ANYBODY, "insecureSkipVerify"),
        ({"mode": "SIMPLE", "insecureSkipVerify": True}, ANYBODY, "insecureSkipVerify"),
    ],
)
@pytest.mark.parametrize(
    ("place", "path"),
    [
        (lambda tls: {"policy": {"tls": tls}}, "spec.trafficPolicy.tls"),
        (lambda tls: {"policy": at_port(tls)}, "spec.trafficPolicy.portLevelSettings[0].tls"),
        (
            lambda tls: {"policy": {}, "subsets": [{"name": "v1", "trafficPolicy": {"tls": tls}}]},
            "spec.subsets[0].trafficPolicy.tls",
        ),
    ],
)
def test_whoever_is_taken_for_the_host_is_found(tls, what, field, place, path):
    (message,) = messages(BOTH, rule(**place(tls)))
    assert message == f"DestinationRule acme/cards {what} ({path}.{field})"


@pytest.mark.parametrize(
    "tls",
    [
        # Without a name of its own the proxy takes the one that is asked for, and holds the host to it.
        {"mode": "SIMPLE"},
        {"mode": "ISTIO_MUTUAL", "sni": HOST},
        {"mode": "DISABLE", "sni": HOST},
        {"sni": HOST},
        {"mode": "SIMPLE", "sni": HOST, "insecureSkipVerify": False, "subjectAltNames": [HOST]},
    ],
)
def test_other_settings_take_nobody_else(tls):
    assert messages(BOTH, rule({"tls": tls})) == []


def test_names_of_the_hosts_entry_count_where_the_rule_has_none():
    tls = {"tls": {"mode": "SIMPLE", "sni": HOST}}
    assert messages(entry((443, "HTTPS"), subjectAltNames=[HOST]), rule(tls)) == []
    assert messages(entry((443, "HTTPS"), hosts=["*.cards.example"], subjectAltNames=[HOST]), rule(tls)) == []
    (message,) = messages(entry((443, "HTTPS"), hosts=["else.example"], subjectAltNames=[HOST]), rule(tls))
    assert ANY_HOST in message


@pytest.mark.parametrize("host", ["api", "api.acme.svc.cluster.local"])
def test_services_of_the_cluster_are_not_outside(host):
    assert messages(BOTH, rule({"tls": {"mode": "SIMPLE", "sni": HOST}}, host=host)) == []


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [rule({"tls": {"mode": "DISABLE"}})],
        [rule({"tls": VERIFIED, **at_port({"mode": "DISABLE"})})],
        [rule(at_port(VERIFIED, port=8443))],
        [rule({"portLevelSettings": [{"port": {}, "tls": VERIFIED}]})],
        [rule({"tls": VERIFIED}, host="else.example")],
        [rule({}, subsets=[{"name": "v1", "trafficPolicy": {"tls": VERIFIED}}])],
    ],
)
@pytest.mark.parametrize("protocol", ["HTTPS", "TLS"])
def test_requests_for_a_port_of_tls_that_nobody_begins_are_found(rules, protocol):
    (message,) = messages(entry((80, "HTTP"), (443, protocol)), route(), *rules)
    assert message.startswith(f"VirtualService acme/cards sends requests for {HOST} in plain text (spec.http[0])")


@pytest.mark.parametrize(
    "objects",
    [
        [BOTH, route(port=80)],
        [BOTH, route(section="tcp")],
        [entry((443, "HTTPS"), location="MESH_INTERNAL"), route()],
        [entry((443, "HTTPS"), hosts=["else.example"]), route()],
        [BOTH, route(), rule({"tls": VERIFIED}, host="*.cards.example")],
        [
            BOTH,
            route(subset="v1"),
            rule({}, subsets=[{"name": "v1", "trafficPolicy": at_port(VERIFIED)}]),
        ],
        [
            entry((443, "HTTPS"), **SHARED, exportTo=["*"]),
            route(),
            rule({"tls": VERIFIED}, **SHARED, exportTo=["*"]),
        ],
        [entry((443, "HTTPS"), **SHARED), route()],
    ],
)
def test_requests_that_need_no_tls_or_get_it_are_fine(objects):
    assert messages(*objects) == []


@pytest.mark.parametrize(
    "rules",
    [
        # For the closest host one rule decides, and for the closest namespace.
        [rule({"tls": VERIFIED}, host="*.cards.example"), rule({"tls": {"mode": "DISABLE"}})],
        [rule({"tls": VERIFIED}, **SHARED, exportTo=["*"]), rule({"tls": {"mode": "DISABLE"}}, host="*.example")],
        [rule({"tls": VERIFIED}, **SHARED)],
    ],
)
def test_rules_that_do_not_act_on_the_host_begin_nothing(rules):
    named = [one.replace('"name": "cards"', f'"name": "cards-{at}"') for at, one in enumerate(rules)]
    assert len(messages(BOTH, route(), *named)) == 1


def test_gateways_of_another_namespace_follow_their_own_rules():
    said = json.loads(route())
    said["spec"]["gateways"] = ["istio-system/egress"]
    assert len(messages(BOTH, json.dumps(said), rule({"tls": VERIFIED}, exportTo=["acme"]))) == 1
    assert messages(BOTH, json.dumps(said), rule({"tls": VERIFIED}, exportTo=["*"])) == []


def test_a_copy_of_a_request_and_the_only_port_count_too():
    mirrored = {"host": HOST, "port": {"number": 443}}
    copying = {"route": [{"destination": {"host": "api"}}], "mirror": mirrored}
    spec = {"exportTo": ["."], "hosts": ["api"], "http": [copying]}
    assert len(messages(BOTH, text("VirtualService", spec))) == 1
    assert len(messages(entry((443, "HTTPS")), route(port=None))) == 1
    assert messages(BOTH, route(port=None)) == []
