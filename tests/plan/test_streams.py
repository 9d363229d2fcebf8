"""Apps over TCP: a server of their own at the tenant's gateway, told apart by SNI."""

import pytest

QUEUE = {"image": "queue:1", "ports": [{"port": 6379, "protocol": "tcp"}], "routes": [{"host": "q.acme.example.com"}]}
NAME = "web--q-acme-example-com"


@pytest.fixture
def server(planned_app):
    """The server that the queue has at its tenant's ingress."""

    def plan(tcp=None, **ingress):
        certificates = {"certificates": {"clients": ["ci"], "tcp": {"q.acme.example.com": tcp} if tcp else {}}}
        tenant = {"domain": "acme.example.com", "ingress": {"client_tls": "mutual", **certificates, **ingress}}
        (found,) = planned_app(QUEUE, tenant).spec("Gateway", NAME)["servers"]
        return found

    return plan


def test_it_asks_what_the_ingress_asks(server):
    assert server() == {
        "hosts": ["acme/q.acme.example.com"],
        "port": {"name": "q-acme-example-com", "number": 443, "protocol": "TLS"},
        "tls": {
            "credentialName": "acme-ingress-tls",
            "minProtocolVersion": "TLSV1_2",
            "mode": "MUTUAL",
            "subjectAltNames": ["ci.clients.acme.example.com"],
        },
    }


@pytest.mark.parametrize(
    ("tcp", "expected"),
    [
        ({"secret_name": "own"}, {"credentialName": "own", "minProtocolVersion": "TLSV1_2", "mode": "MUTUAL"}),
        (
            {"secret_name": "own", "client_names": ["a.example.org"]},
            {
                "credentialName": "own",
                "minProtocolVersion": "TLSV1_2",
                "mode": "MUTUAL",
                "subjectAltNames": ["a.example.org"],
            },
        ),
        ({"mode": "simple"}, {"credentialName": "acme-ingress-tls", "minProtocolVersion": "TLSV1_2", "mode": "SIMPLE"}),
        ({"mode": "passthrough"}, {"mode": "PASSTHROUGH"}),
    ],
)
def test_it_asks_what_is_declared_for_its_host(server, tcp, expected):
    assert server(tcp)["tls"] == expected


def test_connections_go_to_the_port_and_the_name_has_nothing_else(planned_app):
    plan = planned_app(QUEUE, {"domain": "acme.example.com", "ingress": {}})
    assert plan.spec("VirtualService", NAME) == {
        "exportTo": ["acme"],
        "gateways": [f"acme/{NAME}"],
        "hosts": ["q.acme.example.com"],
        "tcp": [
            {
                "match": [{"port": 443}],
                "route": [{"destination": {"host": "web.acme.svc.cluster.local", "port": {"number": 6379}}}],
            }
        ],
    }


def test_what_differs_is_declared_on_the_gateways_namespace(planned):
    """A proof holds the servers against it."""
    tcp = {"v.acme.example.com": {"mode": "passthrough"}, "q.acme.example.com": {"secret_name": "own"}}
    plan = planned({"domain": "acme.example.com", "ingress": {"certificates": {"tcp": tcp}}})
    said = plan.one("Namespace", "acme", "")["metadata"]["annotations"]["tenantmesh.dev/doors"]
    assert '{"hosts":["q.acme.example.com"],"tls":"simple","secret":"own"}' in said
    assert '{"hosts":["v.acme.example.com"],"tls":"passthrough"}' in said
