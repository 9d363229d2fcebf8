"""HTTP routes from an App's rules, in the mesh and narrowed at the gateway."""

import pytest

WEB = {
    "versions": [{"name": "v1", "image": "web:1"}, {"name": "v2", "image": "web:2"}],
    "ports": [{"port": 8080}, {"port": 6379, "protocol": "tcp"}],
}
TENANT = {"domain": "acme.example.com", "ingress": {}, "namespaces": [{"name": "shop"}]}
HOST = "web.acme.svc.cluster.local"


@pytest.fixture
def inside(planned_app):
    """The routes for callers of the Service under these rules."""
    return lambda *rules, **more: planned_app({**WEB, "traffic": {"rules": list(rules), **more}}, TENANT).spec(
        "VirtualService", "web"
    )["http"]


@pytest.fixture
def outside(planned_app):
    """The routes at the gateway under these rules, for paths that are open."""

    def plan(paths, *rules, **more):
        args = {**WEB, "routes": [{"host": "acme.example.com", "paths": paths}], "traffic": {"rules": list(rules)}}
        return planned_app({**args, **more}, TENANT).spec("VirtualService", "web--acme-example-com")["http"]

    return plan


def uris(route):
    return [match["uri"] for match in route["match"]]


def test_rules_end_with_one_for_what_they_leave(inside):
    rewritten, rest = inside({"match": [{"path": "/old"}], "rewrite": {"host": "a.example.com"}})
    assert rewritten["match"] == [{"uri": {"exact": "/old"}}]
    assert rest == {"route": [{"destination": {"host": HOST}}]}


def test_a_last_rule_without_conditions_is_that_one(inside):
    assert inside({"timeout": "2s"}) == [{"route": [{"destination": {"host": HOST}}], "timeout": "2s"}]


def test_a_version_without_a_share_is_left_out(inside):
    (route,) = inside({"weights": {"v1": 0, "v2": 100}})
    assert route["route"] == [{"destination": {"host": HOST, "subset": "v2"}, "weight": 100}]


def test_the_canary_has_the_share_wherever_a_rule_names_none(inside):
    own = {"match": [{"headers": {"X-Tester": {}}}], "weights": {"v2": 100}}
    tester, rest = inside(own, canary={"version": "v2", "percent": 5})
    assert tester["match"] == [{"headers": {"x-tester": {}}}]
    assert [(one["destination"]["subset"], one["weight"]) for one in rest["route"]] == [("v1", 95), ("v2", 5)]


@pytest.mark.parametrize(
    ("rule", "opened", "expected"),
    [
        ("/", ["/api"], [{"exact": "/api"}, {"prefix": "/api/"}]),
        ("/api", ["/"], [{"exact": "/api"}, {"prefix": "/api/"}]),
        ("/api/v1", ["/api"], [{"exact": "/api/v1"}, {"prefix": "/api/v1/"}]),
        ("/api", ["/api/v1"], [{"exact": "/api/v1"}, {"prefix": "/api/v1/"}]),
        ("/api", ["/apiary"], []),
    ],
)
def test_at_the_gateway_a_rule_opens_no_path(outside, rule, opened, expected):
    """Only what the rule and a route of the App both take."""
    *found, _ = outside(opened, {"match": [{"prefix": rule}], "timeout": "1s"})
    assert sorted((uri for one in found for uri in uris(one)), key=str) == expected


@pytest.mark.parametrize(
    ("opened", "expected"),
    [
        ("/", {"/api": "/v2", "/api/": "/v2/"}),
        ("/api/deep", {"/api/deep": "/v2/deep", "/api/deep/": "/v2/deep/"}),
    ],
)
def test_what_follows_a_rewritten_prefix_stays(outside, opened, expected):
    """Envoy replaces all that is matched, which at the gateway may be more than the rule's prefix."""
    *found, _ = outside([opened], {"match": [{"prefix": "/api"}], "rewrite": {"path": "/v2"}})
    seen = {next(iter(uri.values())): one["rewrite"]["uri"] for one in found for uri in uris(one)}
    assert seen == expected


def test_methods_headers_and_parameters_hold_together(inside):
    match = {"methods": ["PUT", "GET"], "headers": {"A": {"prefix": "x"}}, "query": {"q": "1"}, "path": "/a"}
    assert inside({"match": [match], "timeout": "1s"})[0]["match"] == [
        {
            "headers": {"a": {"prefix": "x"}},
            "method": {"regex": "GET|PUT"},
            "queryParams": {"q": {"exact": "1"}},
            "uri": {"exact": "/a"},
        }
    ]


def test_everything_that_a_rule_may_say(inside):
    (route,) = inside(
        {
            "timeout": "1500ms",
            "retries": {"attempts": 3, "per_try_timeout": "500ms", "on": ["5xx", "reset"]},
            "fault": {"delay": {"duration": "2s", "percent": 0.5}, "abort": {"status": 503}},
            "mirror": {"version": "v2", "percent": 10},
            "cors": {"origins": ["https://a.example.com"]},
        }
    )
    assert route == {
        "corsPolicy": {"allowMethods": ["GET"], "allowOrigins": [{"exact": "https://a.example.com"}]},
        "fault": {
            "abort": {"httpStatus": 503, "percentage": {"value": 100}},
            "delay": {"fixedDelay": "2s", "percentage": {"value": 0.5}},
        },
        "mirrors": [{"destination": {"host": HOST, "subset": "v2"}, "percentage": {"value": 10}}],
        "retries": {"attempts": 3, "perTryTimeout": "500ms", "retryOn": "5xx,reset"},
        "route": [{"destination": {"host": HOST}}],
        "timeout": "1500ms",
    }


def test_a_redirect_goes_nowhere_else(inside):
    redirected, _ = inside({"match": [{"path": "/old"}], "redirect": {"path": "/new", "code": 301}})
    assert redirected == {"match": [{"uri": {"exact": "/old"}}], "redirect": {"redirectCode": 301, "uri": "/new"}}


def test_without_rules_callers_get_no_route_of_their_own(planned_app):
    plan = planned_app({**WEB, "traffic": {"connection_pool": {"max_requests": 1}}}, TENANT)
    assert plan.names("VirtualService") == []
    assert plan.names("DestinationRule") == ["acme/web"]


def test_only_who_may_see_the_service_sees_its_rules(planned_app):
    """A caller of another tenant is one of them."""
    export = {"service": "web", "ports": [8080], "to": ["globex"], "reason": "orders"}
    plan = planned_app({**WEB, "traffic": {"rules": [{"timeout": "1s"}]}}, {"sharing": {"exports": [export]}})
    for kind in ("DestinationRule", "VirtualService"):
        assert plan.spec(kind, "web")["exportTo"] == ["acme", "globex"]
