"""So many requests pass a tenant's own gateway and further ones get 429: by path, for each of its pods or for all.

Those that are counted for all pods are counted by Envoy's real rate limit service and a real redis in a pod of the
tenant. Limits are by the day, so that none is renewed while a test counts.
"""

import shutil
from collections import Counter
from itertools import cycle, islice

import pytest

from tenantmesh.lab.namespaces import connect
from tests.mesh.asking import RefusedError, Request

TENANT, OTHER = "tenant1", "tenant2"
EACH, ALL, PERSON, INNER = 5, 7, 3, 2
LOCAL, SHARED, STRICT, BY_PERSON = "/static", "/api/v1/products", "/login", "/productpage"
REFUSED, OUTER = "/refused", "/outer"
_ACCESS = "\n            access=["
_REPLICAS = "replicas=size.gateway,"
_LIMITS = f"""
            rate_limits=[
                tm.RateLimitArgs(path={LOCAL!r}, requests={EACH}, per="day"),
                tm.RateLimitArgs(path={REFUSED!r}, requests={EACH}, per="day"),
                tm.RateLimitArgs(path={OUTER!r}, requests={EACH}, per="day"),
                tm.RateLimitArgs(path="{OUTER}/inner", requests={INNER}, per="day"),
                tm.RateLimitArgs(path={SHARED!r}, requests={ALL}, per="day", scope="global"),
                tm.RateLimitArgs(path={STRICT!r}, requests={ALL}, per="day", scope="global", on_failure="deny"),
                tm.RateLimitArgs(path={BY_PERSON!r}, requests={PERSON}, per="day", scope="global", header="X-User"),
            ] if name == {TENANT!r} else [],
            ingresses={{
                "staff": tm.IngressArgs(client_tls="simple", replicas=size.gateway),
            }} if name == {TENANT!r} else {{}},
            access=["""
_ROUTE = "paths=_PREFIXES)"
_BOTH = f'paths=_PREFIXES, ingresses=["ingress", "staff"] if tenant == {TENANT!r} else ["ingress"])'
_HTTPS, _GRPC, _REDIS = 8443, 8081, 6379
_TRIES = 40


def edit(program):
    """The dev stack with limits for one tenant, whose gateway has two pods, and a further gateway has one."""
    main = program / "stacks" / "__main__.py"
    text = main.read_text()
    assert [text.count(part) for part in (_ACCESS, _REPLICAS)] == [1, 1]
    two = f"replicas=tm.ReplicasArgs(minimum=2) if name == {TENANT!r} else size.gateway,"
    main.write_text(text.replace(_ACCESS, _LIMITS).replace(_REPLICAS, two))
    apps = program / "stacks" / "bookinfo.py"
    text = apps.read_text()
    assert text.count(_ROUTE) == 1
    apps.write_text(text.replace(_ROUTE, _BOTH))


@pytest.fixture(scope="module")
def limited(mesh):
    """The mesh with limits, none of them spent."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    with mesh.deployed(edit):
        yield mesh


@pytest.fixture(scope="module")
def gateways(limited):
    """Both pods of the tenant's gateway."""
    found = limited.lab.pods(TENANT, f"istio%3D{TENANT}-ingress")
    assert len(found) == 2
    return found


@pytest.fixture(scope="module")
def staff(limited):
    """The pod of the tenant's further gateway."""
    (found,) = limited.lab.pods(TENANT, f"istio%3D{TENANT}-ingress--staff")
    return found


def ask(mesh, pod, path, **headers):
    """Ask one pod of the gateway, as a client of its tenant."""
    tenant = pod["metadata"]["namespace"]
    own, host = mesh.credential(tenant), f"{tenant}.example.com"
    request = Request(path=path, host=host, sni=host, ca=own.ca, credential=own, headers=headers, verdict=0)
    return request.send(lambda: connect(mesh.lab.node, pod["status"]["podIP"], _HTTPS))


def passed(answers):
    """How many got through the limit, whatever the App says; the others have to be refused by it."""
    counts = Counter("limited" if one.status == 429 else "passed" for one in answers)
    assert not [one.status for one in answers if one.status in (500, 503)]
    return counts["passed"]


def counted(mesh, pods, path, times=_TRIES, **headers):
    return passed([ask(mesh, pod, path, **headers) for pod in islice(cycle(pods), times)])


def told(answer):
    """What a client is told of a limit that is spent."""
    assert {"x-ratelimit-limit", "x-ratelimit-reset"} <= answer.headers.keys()
    return answer.status, answer.headers["x-ratelimit-remaining"]


def service(mesh):
    return mesh.pod(TENANT, f"app={TENANT}-ratelimit")


def redis(mesh, command):
    """What the redis beside the service says."""
    with connect(mesh.lab.namespace(service(mesh)), "127.0.0.1", _REDIS) as link:
        link.sendall(f"{command}\r\n".encode())
        return link.recv(65536).decode()


def test_each_pod_lets_its_own_number_through_and_no_more(limited, gateways):
    """Which is why such a limit is not the tenant's: it grows with the pods."""
    first, second = gateways
    assert counted(limited, [first], f"{LOCAL}/a") == EACH
    assert counted(limited, [second], f"{LOCAL}/b") == EACH
    assert told(ask(limited, first, LOCAL)) == (429, "0")


@pytest.mark.parametrize(
    "path", [f"{LOCAL}?a=b", f"{LOCAL}/", f"/{LOCAL}", "/%73tatic", f"{SHARED}/..{'/..' * 2}{LOCAL}/x", f"{LOCAL}%2Fx"]
)
def test_another_spelling_of_the_path_is_counted_too(limited, gateways, path):
    first, _ = gateways
    counted(limited, [first], LOCAL, EACH)
    assert ask(limited, first, path).status == 429


def test_paths_beside_it_are_not_counted(limited, gateways):
    for path in (f"{LOCAL}x", f"{LOCAL[:-1]}", "/logout"):
        assert counted(limited, gateways, path, 3 * EACH) == 3 * EACH


def test_a_request_counts_for_each_limit_that_its_path_is_under(limited, gateways):
    first, _ = gateways
    assert counted(limited, [first], f"{OUTER}/inner") == INNER
    assert counted(limited, [first], OUTER) == EACH - INNER


def test_what_is_refused_for_another_reason_is_not_counted(limited, gateways):
    when = [{"key": "request.headers[x-refused]", "values": ["*"]}]
    policy = {
        "apiVersion": "security.istio.io/v1",
        "kind": "AuthorizationPolicy",
        "metadata": {"name": "refuse", "namespace": TENANT},
        "spec": {
            "action": "DENY",
            "rules": [{"when": when}],
            "selector": {"matchLabels": {"istio": f"{TENANT}-ingress"}},
        },
    }
    first, _ = gateways
    with limited.applied(policy):
        refused = {ask(limited, first, REFUSED, **{"x-refused": "yes"}).status for _ in range(2 * EACH)}
    assert refused == {403}
    assert counted(limited, [first], REFUSED) == EACH


def test_the_other_tenant_is_not_limited(limited):
    pod = limited.gateway(OTHER)
    for path in (LOCAL, SHARED, STRICT, BY_PERSON):
        assert counted(limited, [pod], path, 2 * ALL) == 2 * ALL


def test_pods_share_one_count_that_a_real_redis_keeps(limited, gateways):
    assert counted(limited, gateways, SHARED) == ALL
    assert [told(ask(limited, pod, f"{SHARED}/0")) for pod in gateways] == [(429, "0")] * 2
    assert f"{TENANT}_limit_{SHARED} per day_" in redis(limited, "KEYS *")


def test_each_value_of_a_header_has_a_count_of_its_own(limited, gateways):
    for headers in ({"x-user": "anna"}, {"x-user": "bert"}, {}):
        assert counted(limited, gateways, BY_PERSON, **headers) == PERSON


def test_a_further_gateway_has_the_limits_too(limited, staff):
    assert counted(limited, [staff], LOCAL) == EACH
    assert told(ask(limited, staff, LOCAL)) == (429, "0")


def test_what_is_counted_for_all_is_counted_at_every_gateway_together(limited, gateways, staff):
    """Whichever way requests come in, the tenant gets the number; each gateway may ask the service."""
    cara = {"x-user": "cara"}
    assert counted(limited, [staff, *gateways], BY_PERSON, **cara) == PERSON
    assert [told(ask(limited, pod, BY_PERSON, **cara)) for pod in (staff, *gateways)] == [(429, "0")] * 3
    assert counted(limited, [staff], BY_PERSON, **{"x-user": "dora"}) == PERSON
    assert told(ask(limited, gateways[0], BY_PERSON, **{"x-user": "dora"})) == (429, "0")


def test_only_the_gateway_may_ask_the_service(limited):
    page = limited.app(TENANT, "productpage")
    assert limited.ask_inside(page, f"http://{TENANT}-ratelimit:{_GRPC}/").status == 403
    address = service(limited)["status"]["podIP"]
    with pytest.raises(RefusedError):
        Request().send(lambda: connect(limited.lab.namespace(limited.app(OTHER, "productpage")), address, _GRPC))


def test_without_the_service_requests_pass_uncounted_or_are_refused_as_the_limit_says(limited, gateways):
    """And it is the service that counts: with it gone, what was spent before passes again."""
    counted(limited, gateways, SHARED, 2 * ALL)
    named = {"name": f"{TENANT}-ratelimit", "namespace": TENANT}
    gone = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": named, "spec": {"replicas": 0}}
    with limited.changed(gone):
        limited.eventually(lambda: not limited.lab.pods(TENANT, f"app%3D{TENANT}-ratelimit"), 60)
        for pod in gateways:
            limited.eventually(lambda pod=pod: ask(limited, pod, STRICT).status == 503, 60)
            assert [ask(limited, pod, SHARED).status == 429 for _ in range(ALL)] == [False] * ALL
    limited.eventually(lambda: limited.lab.are_ready(TENANT), 60)
    for pod in gateways:
        limited.eventually(lambda pod=pod: ask(limited, pod, STRICT).status != 503, 60)
    assert counted(limited, gateways, STRICT, 2 * ALL) < 2 * ALL
