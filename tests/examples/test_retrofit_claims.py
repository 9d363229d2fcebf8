"""What the example of the service from before the mesh claims, looked up in the objects that it makes."""

from tests.examples.programs import objects


def test_the_gateway_asks_for_a_certificate_and_a_token():
    found = objects("retrofit")
    tls = {one["port"]["number"]: one["tls"] for one in found.spec("Gateway", "archive-ingress")["servers"]}
    assert tls[443]["mode"] == "MUTUAL"
    (rule,) = found.spec("AuthorizationPolicy", "require-token")["rules"]
    assert rule["when"][0]["notValues"] == ["https://id.archive.example.com"]


def test_redis_is_called_by_the_service_alone():
    found = objects("retrofit")
    (rule,) = found.spec("AuthorizationPolicy", "callers--redis")["rules"]
    assert rule["from"] == [{"source": {"notPrincipals": ["cluster.local/ns/archive/sa/ledger"]}}]
    assert found.spec("PeerAuthentication", "default", "archive") == {"mtls": {"mode": "STRICT"}}


def test_nothing_in_the_containers_is_about_tls_or_tokens():
    """The service and redis are as they always were."""
    for name in ("ledger", "redis"):
        pod = objects("retrofit").spec("Deployment", name)["template"]["spec"]
        (container,) = pod["containers"]
        assert not {"args", "command", "env", "envFrom"} & container.keys()
        assert [mount["name"] for mount in container["volumeMounts"]] == ["writable-0"]
