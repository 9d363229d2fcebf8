"""What gateways ask of clients, against what was declared and against what they say themselves."""

import json

import pytest

from tenantmesh.errors import IntentError
from tests.checks.breaches import of_rule, proven

DOOR = {"hosts": ["*.acme.example.com"], "tls": "mutual", "secret": "web-tls", "clients": ["a.example.com"]}
MUTUAL = {"mode": "MUTUAL", "credentialName": "web-tls", "subjectAltNames": ["a.example.com"]}


def declared(*doors):
    labels = "labels: {istio-injection: enabled}"
    annotation = f"annotations: {{tenantmesh.dev/doors: '{json.dumps(doors)}'}}"
    return f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: acme, {labels}, {annotation}}}\n"


def server(tls, protocol="HTTPS", host="web.acme.example.com"):
    port = {"name": protocol.lower(), "number": 443 if protocol != "HTTP" else 80, "protocol": protocol}
    return {"port": port, "hosts": [f"acme/{host}"], **({"tls": tls} if tls is not None else {})}


def gateway(*servers):
    spec = json.dumps({"selector": {"app": "web"}, "servers": servers})
    return (
        f"apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{name: web, namespace: acme}}\nspec: {spec}\n"
    )


def said(rule, *texts):
    return [one.message for one in of_rule(proven(*texts), rule)]


WEAKER = [
    ({**MUTUAL, "mode": "SIMPLE"}, "asks its clients for no certificate"),
    ({**MUTUAL, "mode": "OPTIONAL_MUTUAL"}, "lets in clients that show no certificate"),
    ({"mode": "PASSTHROUGH"}, "hands TLS on"),
    ({"credentialName": "web-tls"}, "hands TLS on"),
    ({}, "has no TLS"),
    (None, "has no TLS"),
    ({**MUTUAL, "credentialName": "other-tls"}, "elsewhere than web-tls"),
    ({"mode": "MUTUAL", "subjectAltNames": ["a.example.com"]}, "elsewhere than web-tls"),
    ({**MUTUAL, "caCertCredentialName": "other-ca"}, "elsewhere than web-tls"),
    ({"mode": "MUTUAL", "credentialName": "web-tls"}, "other clients than a.example.com"),
    ({**MUTUAL, "subjectAltNames": []}, "other clients than a.example.com"),
    ({**MUTUAL, "subjectAltNames": ["a.example.com", "b.example.com"]}, "other clients than a.example.com"),
]


@pytest.mark.parametrize(("tls", "what"), WEAKER)
def test_a_server_that_asks_less_than_was_declared_is_found(tls, what):
    (message,) = said("door-weakened", declared(DOOR), gateway(server(tls)))
    assert what in message


def test_plain_text_beside_is_less_than_was_declared():
    (message,) = said("door-weakened", declared(DOOR), gateway(server(MUTUAL), server(None, "HTTP")))
    assert "plain text" in message


@pytest.mark.parametrize("host", ["*", "*.example.com", "WEB.acme.example.com"])
def test_a_declaration_holds_for_all_servers_of_a_name_that_is_under_it(host):
    assert said("door-weakened", declared(DOOR), gateway(server({"mode": "SIMPLE"}, host=host)))


def test_hosts_that_nothing_was_declared_of_are_free():
    other = server({"mode": "SIMPLE", "credentialName": "x"}, host="web.acme.example.org")
    assert said("door-weakened", declared(DOOR), gateway(other)) == []


@pytest.mark.parametrize("mode", ["MUTUAL", "OPTIONAL_MUTUAL", "SIMPLE"])
def test_more_than_was_declared_is_no_less(mode):
    door = {"hosts": ["web.acme.example.com"], "tls": "simple"}
    assert said("door-weakened", declared(door), gateway(server({"mode": mode, "credentialName": "x"}))) == []


def test_what_was_declared_is_no_finding():
    redirect = server({"httpsRedirect": True}, "HTTP")
    assert said("door-weakened", declared(DOOR), gateway(server(MUTUAL), redirect)) == []
    assert said("weak-tls", declared(DOOR), gateway(server(MUTUAL), redirect)) == []


def test_tls_that_was_to_be_passed_on_is_read_by_nobody():
    door = {"hosts": ["web.acme.example.com"], "tls": "passthrough"}
    (message,) = said("door-weakened", declared(door), gateway(server(MUTUAL)))
    assert "asks for a certificate itself" in message


def test_an_intent_file_declares_doors_too():
    intent = {"doors": [{"tenant": "acme", "hosts": ["web.acme.example.com"], "tls": "mutual"}]}
    assert of_rule(proven(gateway(server({"mode": "SIMPLE"})), intent=intent), "door-weakened")


def test_a_declaration_that_cannot_be_read_is_named():
    with pytest.raises(IntentError, match=r"namespace acme: tenantmesh.dev/doors\[0\].tls: has to be mutual"):
        proven(declared({"hosts": ["x"], "tls": "plain"}))
    with pytest.raises(IntentError, match=r"doors\[0\].tenant: no tenant is called 'nobody'"):
        proven(intent={"doors": [{"tenant": "nobody", "hosts": ["x"], "tls": "simple"}]})


FOREIGN = [
    (gateway(server(None, "HTTP")), 0),
    (gateway(server(None, "HTTP"), server({"mode": "SIMPLE", "credentialName": "x"})), 0),
    (gateway(server({"mode": "PASSTHROUGH"}, "TLS")), 0),
    (gateway(server({"mode": "SIMPLE", "credentialName": "x", "minProtocolVersion": "TLSV1_3"})), 0),
    (gateway(server({"mode": "SIMPLE", "credentialName": "x", "minProtocolVersion": "TLSV1_1"})), 1),
    (gateway(server({"mode": "SIMPLE", "credentialName": "x", "caCertificates": "/etc/ca.pem"})), 1),
    (gateway(server(None, "HTTP"), server(MUTUAL)), 1),
]


@pytest.mark.parametrize(("made", "count"), FOREIGN)
def test_without_a_declaration_only_what_contradicts_itself_or_is_broken_is_found(made, count):
    assert said("door-weakened", made) == []
    assert len(said("weak-tls", made)) == count


PLAIN = {"hosts": ["probes.acme.example.com"], "tls": "none"}


@pytest.mark.parametrize("tls", [None, {"mode": "SIMPLE", "credentialName": "x"}, MUTUAL])
def test_where_no_tls_was_declared_any_and_none_is_fine(tls):
    """What is said of all the other hosts under the same name holds for them alone."""
    plain = server(tls, "HTTP" if tls is None else "HTTPS", "probes.acme.example.com")
    assert said("door-weakened", declared(DOOR, PLAIN), gateway(server(MUTUAL), plain)) == []


def test_that_no_tls_was_declared_of_one_host_opens_no_other():
    for host in ("web.acme.example.com", "*.acme.example.com", "*"):
        (message,) = said("door-weakened", declared(DOOR, PLAIN), gateway(server(None, "HTTP", host)))
        assert "plain text, and mutual TLS was declared" in message


PASSED_ON = {"hosts": ["vault.acme.example.com"], "tls": "passthrough"}


@pytest.mark.parametrize("order", [(DOOR, PASSED_ON), (PASSED_ON, DOOR)])
def test_what_is_said_of_one_host_goes_before_what_is_said_of_all(order):
    """Envoy takes the most specific name too."""
    vault = server({"mode": "PASSTHROUGH"}, "TLS", "vault.acme.example.com")
    whole = server(MUTUAL, host="*.acme.example.com")
    assert said("door-weakened", declared(*order), gateway(vault, whole)) == []
    (message,) = said("door-weakened", declared(*order), gateway(vault, server({"mode": "PASSTHROUGH"}, "TLS")))
    assert "hands TLS on" in message


def test_a_wider_server_than_any_that_is_spoken_of_is_held_to_all_of_them():
    messages = said("door-weakened", declared(DOOR, PASSED_ON), gateway(server(MUTUAL, host="*.example.com")))
    assert ["passthrough TLS was declared" in one for one in messages] == [True]


def test_one_host_is_held_to_what_is_said_of_it():
    own = {"hosts": ["q.acme.example.com"], "tls": "mutual", "secret": "own-tls"}
    ended = {"mode": "MUTUAL", "credentialName": "own-tls"}
    assert said("door-weakened", declared(DOOR, own), gateway(server(ended, "TLS", "q.acme.example.com"))) == []
    (message,) = said("door-weakened", declared(DOOR, own), gateway(server(MUTUAL, "TLS", "q.acme.example.com")))
    assert "elsewhere than own-tls" in message
