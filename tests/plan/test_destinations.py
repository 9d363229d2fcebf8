"""DestinationRules from an App's limits."""

import pytest

WEB = {"versions": [{"name": "v2", "image": "web:2"}, {"name": "v1", "image": "web:1"}], "ports": [{"port": 8080}]}


@pytest.fixture
def rule(planned_app):
    """The App's DestinationRule under this traffic."""
    return lambda **traffic: planned_app({**WEB, "traffic": traffic}).spec("DestinationRule", "web")


def test_every_version_is_a_subset(rule):
    assert rule() == {
        "exportTo": ["acme"],
        "host": "web.acme.svc.cluster.local",
        "subsets": [{"labels": {"version": name}, "name": name} for name in ("v1", "v2")],
    }


def test_an_app_that_says_nothing_of_traffic_has_none(planned_app):
    assert planned_app(WEB).names("DestinationRule") == []


def test_limits_are_of_connections_and_of_requests(rule):
    pool = {"max_connections": 1, "connect_timeout": "3s", "max_pending_requests": 2, "max_requests": 3}
    assert rule(connection_pool=pool)["trafficPolicy"]["connectionPool"] == {
        "http": {"http1MaxPendingRequests": 2, "http2MaxRequests": 3},
        "tcp": {"connectTimeout": "3s", "maxConnections": 1},
    }


def test_outliers_say_everything_so_that_no_default_of_the_proxy_changes_it(rule):
    assert rule(outlier_detection={"interval": "500ms"})["trafficPolicy"]["outlierDetection"] == {
        "baseEjectionTime": "30s",
        "consecutive5xxErrors": 5,
        "consecutiveGatewayErrors": 0,
        "interval": "500ms",
        "maxEjectionPercent": 50,
        "minHealthPercent": 0,
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"algorithm": "RANDOM"}, {"simple": "RANDOM"}),
        ({"warmup": "1m"}, {"simple": "LEAST_REQUEST", "warmup": {"duration": "60s"}}),
        ({"consistent_hash": {"header": "x-user"}}, {"consistentHash": {"httpHeaderName": "x-user"}}),
        ({"consistent_hash": {"query": "user"}}, {"consistentHash": {"httpQueryParameterName": "user"}}),
        ({"consistent_hash": {"source_ip": True}}, {"consistentHash": {"useSourceIp": True}}),
        (
            {"consistent_hash": {"cookie": "user", "cookie_ttl": "1h"}},
            {"consistentHash": {"httpCookie": {"name": "user", "ttl": "3600s"}}},
        ),
    ],
)
def test_the_next_pod_is_chosen_in_one_way(rule, given, expected):
    assert rule(load_balancer=given)["trafficPolicy"]["loadBalancer"] == expected
