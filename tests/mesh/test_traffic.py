"""Requests go where an App's rules say: by weight, header, URI, method and query, rewritten, redirected or mirrored."""

import pytest

from tests.mesh.steering import TENANT, arrivals, asking, forget, many, steered, versions, within

TO_V1 = {"weights": {"v1": 100}}


def ask_reviews(mesh, path="/reviews/0", **request):
    return asking(mesh, "reviews", path, **request)()


def version(mesh, path="/reviews/0", **request):
    return ask_reviews(mesh, path, **request).headers["x-standin-version"]


def test_without_rules_every_version_answers(mesh):
    """Or the rules below would show nothing."""
    # A proxy that was just told something new may still close a connection on which a request comes.
    mesh.eventually(lambda: {one.status for one in many(asking(mesh, "reviews", "/reviews/0"), 60)} == {200})
    assert set(versions(many(asking(mesh, "reviews", "/reviews/0"), 60))) == {"v1", "v2", "v3"}


def test_weights_share_requests_out(mesh):
    with steered(mesh, "reviews", {"rules": [{"weights": {"v1": 80, "v2": 20}}]}):
        found = versions(many(asking(mesh, "reviews", "/reviews/0"), 600))
    assert found["v1"] + found["v2"] == 600
    assert within(found["v2"], 600, 20), found


def test_a_version_that_has_no_weight_gets_nothing(mesh):
    with steered(mesh, "reviews", {"rules": [{"weights": {"v1": 0, "v3": 100}}]}):
        assert versions(many(asking(mesh, "reviews", "/reviews/0"), 60)) == {"v3": 60}


@pytest.mark.parametrize(
    ("condition", "taken", "left"),
    [
        ({"exact": "jason"}, "jason", "jasons"),
        ({"prefix": "ja"}, "jason", "mija"),
        ({"regex": "j.*n"}, "jason", "jasons"),
        ({}, "anybody", None),
    ],
)
def test_a_header_chooses_the_version(mesh, condition, taken, left):
    rules = [{"match": [{"headers": {"End-User": condition}}], "weights": {"v2": 100}}, TO_V1]
    with steered(mesh, "reviews", {"rules": rules}):
        assert version(mesh, headers={"end-user": taken}) == "v2"
        assert version(mesh, headers={"end-user": left} if left else {}) == "v1"
        assert version(mesh) == "v1"


def test_a_path_a_method_and_a_parameter_choose_the_version(mesh):
    rules = [
        {"match": [{"prefix": "/reviews/7"}, {"path": "/reviews/exact"}], "weights": {"v3": 100}},
        {"match": [{"methods": ["DELETE", "PUT"], "query": {"by": "owner"}}], "weights": {"v2": 100}},
        TO_V1,
    ]
    with steered(mesh, "reviews", {"rules": rules}):
        taken = ["/reviews/7", "/reviews/7/1", "/reviews/exact", "/reviews/7?a=b"]
        assert [version(mesh, path) for path in taken] == ["v3"] * len(taken)
        left = ["/reviews/70", "/reviews/6", "/reviews/exact/1", "/reviews/0?by=owner"]
        assert [version(mesh, path) for path in left] == ["v1"] * len(left)
        assert version(mesh, "/reviews/0?by=owner", method="PUT") == "v2"
        assert version(mesh, "/reviews/0?by=guest", method="PUT") == "v1"


@pytest.mark.parametrize(
    ("asked", "seen"),
    [("/old", "/reviews"), ("/old/", "/reviews/"), ("/old/3?a=b", "/reviews/3?a=b"), ("/older", "/older")],
)
def test_a_rewritten_path_is_what_the_app_sees(mesh, asked, seen):
    rules = [{"match": [{"prefix": "/old"}], "rewrite": {"path": "/reviews", "host": "books.internal"}}]
    with steered(mesh, "reviews", {"rules": rules}):
        answer = ask_reviews(mesh, asked).json()
    assert answer["path"] == seen
    assert answer["host"] == ("books.internal" if seen != asked else "reviews:9080")


def test_a_redirect_is_answered_by_the_proxy(mesh):
    target = {"path": "/reviews/0", "host": "reviews.example.com", "code": 308}
    with steered(mesh, "reviews", {"rules": [{"match": [{"path": "/moved"}], "redirect": target}]}):
        answer = ask_reviews(mesh, "/moved")
    assert (answer.status, answer.headers["location"]) == (308, "http://reviews.example.com/reviews/0")
    assert "x-standin-service" not in answer.headers


@pytest.mark.parametrize("percent", [100, 25])
def test_a_mirror_gets_copies_and_answers_nobody(mesh, percent):
    count = 400
    with steered(mesh, "reviews", {"rules": [{**TO_V1, "mirror": {"version": "v3", "percent": percent}}]}):
        for name in ("v1", "v3"):
            forget(mesh, "reviews", name)
        assert versions(many(asking(mesh, "reviews", "/reviews/0"), count)) == {"v1": count}
        assert arrivals(mesh, "reviews", "v1") == count
        mesh.eventually(lambda: within(arrivals(mesh, "reviews", "v3"), count, percent), 30)


def test_the_gateway_keeps_to_the_rules_too_but_only_on_paths_that_are_open(mesh):
    rules = [
        {"match": [{"prefix": "/api/v1"}], "rewrite": {"path": "/api/v2"}},
        {"match": [{"headers": {"x-closed": {}}}], "fault": {"abort": {"status": 418}}},
    ]
    with steered(mesh, "productpage", {"rules": rules}):
        assert mesh.ask(TENANT, "/api/v1/products/0").json()["path"] == "/api/v2/products/0"
        assert mesh.ask(TENANT, "/api/v1/products").json()["path"] == "/api/v2/products"
        assert mesh.ask(TENANT, "/api/v1/secrets").status == 404
        assert mesh.ask(TENANT, "/productpage", headers={"x-closed": "1"}).status == 418
        assert mesh.ask(TENANT, "/productpage").status == 200
        assert mesh.ask(TENANT, "/details/0", headers={"x-closed": "1"}).status == 404


def test_pages_of_the_named_origin_only_may_ask(mesh):
    cors = {
        "origins": ["https://shop.example.com"],
        "methods": ["GET", "PUT"],
        "headers": ["x-cart"],
        "expose_headers": ["x-standin-version"],
        "max_age": "1h",
        "credentials": True,
    }
    with steered(mesh, "productpage", {"rules": [{"cors": cors}]}):
        own, other = (_preflight(mesh, origin) for origin in ("https://shop.example.com", "https://evil.example.com"))
    assert own.status == 200
    assert {name: value for name, value in own.headers.items() if name.startswith("access-control-")} == {
        "access-control-allow-credentials": "true",
        "access-control-allow-headers": "x-cart",
        "access-control-allow-methods": "GET,PUT",
        "access-control-allow-origin": "https://shop.example.com",
        "access-control-max-age": "3600",
        "access-control-expose-headers": "x-standin-version",
    }
    assert "access-control-allow-origin" not in other.headers


def _preflight(mesh, origin):
    headers = {"origin": origin, "access-control-request-method": "PUT"}
    return mesh.ask(TENANT, "/productpage", method="OPTIONS", headers=headers)


@pytest.mark.parametrize(("percent", "expected"), [(0, {"v1"}), (30, {"v1", "v2"}), (100, {"v2"})])
def test_a_canary_takes_its_share_is_promoted_and_rolled_back_by_one_number(mesh, percent, expected):
    canary = {"version": "v2", "stable": "v1", "percent": percent}
    with steered(mesh, "reviews", {"canary": canary}):
        found = versions(many(asking(mesh, "reviews", "/reviews/0"), 300))
    assert set(found) == expected
    assert within(found["v2"], 300, percent), found


def test_no_request_fails_while_a_canary_goes_up_and_back(mesh):
    """The steps follow each other while requests are under way."""
    answers = []
    for percent in (10, 50, 100, 0):
        with steered(mesh, "reviews", {"canary": {"version": "v2", "stable": "v1", "percent": percent}}):
            answers += many(asking(mesh, "reviews", "/reviews/0"), 50)
    assert {answer.status for answer in answers} == {200}


def test_a_canary_is_promoted_by_deploying_the_stack_with_another_number(mesh):
    """The argument's whole way: program, engine, API server, istiod, proxies; and back."""

    def edit(program):
        path = program / "stacks" / "bookinfo.py"
        canary = 'tm.CanaryArgs(version="v2", stable="v1", percent=100)'
        traffic = f'tm.TrafficArgs(canary={canary}) if name == "reviews" else tm.TrafficArgs()'
        path.write_text(path.read_text().replace("routes=routes,", f"routes=routes, traffic={traffic},"))

    with mesh.deployed(edit):
        assert versions(many(asking(mesh, "reviews", "/reviews/0"), 60)) == {"v2": 60}
    assert set(versions(many(asking(mesh, "reviews", "/reviews/0"), 60))) == {"v1", "v2", "v3"}


def test_a_tenant_that_was_granted_a_call_keeps_to_the_owners_rules(mesh):
    """And without the grant it is nobody whom they would be shown to."""
    grant = """
tm.Grant(
    "reviews",
    tm.GrantArgs(source="tenant2", destination="tenant1", service="reviews", ports=[9080], reason="shows them too"),
)
"""

    def edit(program):
        main = program / "stacks" / "__main__.py"
        main.write_text(main.read_text().replace("\nfor name in names:", f"{grant}\nfor name in names:", 1))
        apps = program / "stacks" / "bookinfo.py"
        rules = 'tm.TrafficArgs(rules=[tm.RuleArgs(weights={"v3": 100})])'
        traffic = f'{rules} if (tenant, name) == ("tenant1", "reviews") else tm.TrafficArgs()'
        apps.write_text(apps.read_text().replace("routes=routes,", f"routes=routes, traffic={traffic},"))

    with mesh.deployed(edit):
        pod = mesh.app("tenant2", "productpage")
        answers = many(lambda: mesh.ask_inside(pod, "http://reviews.tenant1:9080/reviews/0"), 40)
        assert {(one.status, one.headers.get("x-standin-namespace")) for one in answers} == {(200, "tenant1")}
        assert versions(answers) == {"v3": 40}
    seen = mesh.admin(mesh.app("tenant2", "productpage"), "/clusters")
    assert "reviews.tenant1" not in seen


def test_equal_requests_go_to_one_pod_when_a_header_decides(mesh):
    with steered(mesh, "reviews", {"load_balancer": {"consistent_hash": {"header": "x-user"}}}):
        one = versions(many(asking(mesh, "reviews", "/reviews/0", headers={"x-user": "anna"}), 40))
        found = {version(mesh, headers={"x-user": f"user-{number}"}) for number in range(40)}
    assert len(one) == 1
    assert found == {"v1", "v2", "v3"}


def test_taking_turns_gives_every_pod_as_much(mesh):
    """Each of the proxy's threads takes turns by itself, so there may be a few more or less."""
    with steered(mesh, "reviews", {"load_balancer": {"algorithm": "ROUND_ROBIN"}}):
        found = versions(many(asking(mesh, "reviews", "/reviews/0"), 90))
    assert all(26 <= count <= 34 for count in found.values()), found
