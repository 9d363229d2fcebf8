"""Traffic from what users write: every wrong field is named at once."""

import pytest

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.errors import ArgsError
from tenantmesh.spec.traffic import CanarySpec

TENANT = parse_tenant("acme", {"domain": "acme.example.com"})
VERSIONS = [{"name": "v1", "image": "web:1"}, {"name": "v2", "image": "web:2"}]
WEB = {"tenant": "acme", "versions": VERSIONS, "ports": [{"port": 8080}]}


def parsed(traffic, **more):
    return parse_app("web", {**WEB, **more, "traffic": traffic}, TENANT).traffic


def problems(traffic, **more):
    with pytest.raises(ArgsError) as caught:
        parsed(traffic, **more)
    return list(caught.value.problems)


def test_of_two_versions_the_canarys_other_one_needs_no_name():
    assert parsed({"canary": {"version": "v2", "percent": 5}}).canary == CanarySpec(
        version="v2", percent=5, stable="v1"
    )


def test_of_three_versions_it_does():
    three = [*VERSIONS, {"name": "v3", "image": "web:3"}]
    found = problems({"canary": {"version": "v2", "percent": 5}}, versions=three)
    assert found == ["apps.web.traffic.canary.stable: is missing: name the version that has the rest"]


def test_every_wrong_field_is_named_at_once():
    rule = {"match": [{"headers": {"a b": {}}}], "weights": {"v1": 101}, "timeout": "soon", "retrys": {}}
    assert problems({"rules": [rule], "canary": {"version": "v2"}}) == [
        "apps.web.traffic.rules[0].match[0].headers.a b: 'a b' is not the name of a header",
        "apps.web.traffic.rules[0].weights.v1: 101 is not a percentage (0-100)",
        "apps.web.traffic.rules[0].timeout: 'soon' is not an amount such as '2s'",
        "apps.web.traffic.rules[0].retrys: is not known: did you mean 'retries'?",
        "apps.web.traffic.canary.percent: is missing",
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"weights": {"v1": 90}}, "weights: are 90 together: make them 100"),
        ({"weights": {"v9": 100}}, "weights: 'v9' is none of the App's versions"),
        ({"mirror": {"version": "v9"}}, "mirror.version: 'v9' is none of the App's versions"),
        ({"match": [{}]}, "match[0]: says nothing: give path or prefix or methods"),
        ({"match": [{"path": "/a", "prefix": "/b"}]}, "prefix: can't stand beside path"),
        ({"match": [{"prefix": "/a*"}]}, "'/a*' has a '*': write it as it is"),
        ({"match": [{"methods": ["get"]}]}, "'get' is not an HTTP method"),
        ({"match": [{"headers": {"a": {"exact": "x", "regex": "y"}}}]}, "regex: can't stand beside exact"),
        ({"redirect": {"path": "/x"}, "timeout": "1s"}, "timeout: can't stand beside redirect"),
        ({"redirect": {"path": "/x", "code": 200}}, "code: 200 is none of 301, 302, 303, 307, 308"),
        ({"redirect": {}}, "redirect: says nothing: give path or host"),
        ({"rewrite": {"path": "/x"}}, "rewrite.path: replaces a path or prefix that is matched"),
        ({"retries": {}}, "retries.attempts: is missing"),
        (
            {"retries": {"attempts": 1, "on": ["5x"]}},
            "'5x' is no condition of Envoy and no status: did you",
        ),
        ({"timeout": "1s", "retries": {"attempts": 1, "per_try_timeout": "2s"}}, "is longer than the timeout"),
        ({"timeout": "0s"}, "'0s' is not an amount"),
        ({"fault": {}}, "fault: says nothing: give delay or abort"),
        ({"fault": {"abort": {"status": 99}}}, "99 is not an HTTP status"),
        ({"fault": {"delay": {"duration": "1s", "percent": 100.5}}}, "100.5 is not a percentage (0-100)"),
        ({"fault": {"delay": {"duration": "1s", "percent": True}}}, "True is not a percentage"),
        ({"cors": {"origins": ["*"]}}, "'*' is not an origin such as https://shop.example.com"),
    ],
)
def test_a_rule_that_could_not_hold_is_refused(rule, expected):
    found = problems({"rules": [rule]})
    assert any(expected in problem for problem in found), found


@pytest.mark.parametrize(
    ("traffic", "expected"),
    [
        ({"rules": [{"timeout": "1s"}, {"timeout": "2s"}]}, "rules[0].match: is missing: only the last rule takes all"),
        ({"canary": {"version": "v2", "percent": 5, "stable": "v2"}}, "canary.stable: is the new version itself"),
        ({"load_balancer": {"consistent_hash": {}}}, "consistent_hash: says nothing: give one of header, cookie"),
        ({"load_balancer": {"consistent_hash": {"header": "a", "query": "b"}}}, "query: can't stand beside header"),
        ({"load_balancer": {"consistent_hash": {"header": "a"}, "warmup": "1s"}}, "warmup: can't stand beside"),
        ({"load_balancer": {"consistent_hash": {"header": "a", "cookie_ttl": "1s"}}}, "cookie_ttl: is of no cookie"),
        ({"load_balancer": {"algorithm": "LEAST"}}, "'LEAST' is none of LEAST_REQUEST"),
        ({"connection_pool": {"max_requests": 0}}, "0 is not a positive number"),
        ({"outlier_detection": {"max_ejection_percent": 101}}, "101 is not a percentage"),
    ],
)
def test_traffic_that_could_not_hold_is_refused(traffic, expected):
    found = problems(traffic)
    assert any(expected in problem for problem in found), found


def test_rules_need_a_port_whose_requests_proxies_see():
    tcp = [{"port": 6379, "protocol": "tcp"}]
    assert problems({"rules": [{"timeout": "1s"}]}, ports=tcp) == [
        "apps.web.traffic.rules: needs an HTTP port, and the App has none"
    ]
    assert parsed({"connection_pool": {"max_connections": 5}}, ports=tcp) is not None
