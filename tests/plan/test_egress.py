"""The egress gateway: every outside host by this way and no other."""

HOST = "api.stripe.com"


def egress(**service):
    return {"egress": {"services": [{"host": HOST, **service}]}}


def test_an_outside_host_is_known_to_this_tenant_only(planned):
    spec = planned(egress()).spec("ServiceEntry", HOST)
    assert spec["hosts"] == [HOST]
    assert spec["exportTo"] == ["acme"]
    assert (spec["location"], spec["resolution"]) == ("MESH_EXTERNAL", "DNS")


def test_an_apps_own_tls_goes_to_the_gateway_and_from_there_on(planned):
    spec = planned(egress(port=8443)).spec("VirtualService", HOST)
    gateway = {"host": "acme-egress.acme.svc.cluster.local", "port": {"number": 443}, "subset": "api-stripe-com"}
    assert spec["tls"] == [
        {
            "match": [{"gateways": ["mesh"], "port": 8443, "sniHosts": [HOST]}],
            "route": [{"destination": gateway}],
        }
    ]
    assert spec["tcp"] == [
        {
            "match": [{"gateways": ["acme/acme-egress"], "port": 443}],
            "route": [{"destination": {"host": HOST, "port": {"number": 8443}}}],
        }
    ]


def test_the_gateway_knows_who_calls_whom(planned):
    """Mutual TLS with the outside host as SNI: one server a host."""
    plan = planned(egress())
    assert plan.spec("DestinationRule", "acme-egress")["subsets"][0]["trafficPolicy"]["portLevelSettings"] == [
        {"port": {"number": 443}, "tls": {"mode": "ISTIO_MUTUAL", "sni": HOST}}
    ]
    assert plan.spec("Gateway", "acme-egress")["servers"] == [
        {
            "hosts": [f"acme/{HOST}"],
            "port": {"name": "tls--api-stripe-com", "number": 443, "protocol": "TLS"},
            "tls": {"mode": "ISTIO_MUTUAL"},
        }
    ]


def test_tls_is_originated_for_an_app_that_speaks_plain_http(planned):
    plan = planned(egress(protocol="https"))
    mesh, gateway = plan.spec("VirtualService", HOST)["http"]
    assert mesh["match"] == [{"gateways": ["mesh"], "port": 80}]
    assert gateway["route"] == [{"destination": {"host": HOST, "port": {"number": 443}}}]
    (settings,) = plan.spec("DestinationRule", "origination--api-stripe-com")["trafficPolicy"]["portLevelSettings"]
    assert settings["tls"] == {
        "caCertificates": "/etc/ssl/certs/ca-certificates.crt",
        "mode": "SIMPLE",
        "sni": HOST,
        "subjectAltNames": [HOST],
    }


def test_outside_hosts_do_not_learn_who_calls(planned):
    annotations = planned(egress()).spec("Deployment", "acme-egress")["template"]["metadata"]["annotations"]
    assert '"forwardClientCertDetails": "SANITIZE"' in annotations["proxy.istio.io/config"]


def test_the_egress_gateway_is_reached_from_within_only(planned):
    body = planned({**egress(), "namespaces": [{"name": "db"}]}).one("Service", "acme-egress")
    assert body["spec"]["type"] == "ClusterIP"
    assert body["metadata"]["annotations"] == {"networking.istio.io/exportTo": "acme,acme--db"}
