"""Limits of requests, from what users write."""

import pytest

from tenantmesh.args.parse import parse_tenant
from tenantmesh.args.rate_limits import RateLimitArgs
from tenantmesh.errors import ArgsError
from tenantmesh.spec.rate_limits import COUNTING_AMOUNTS, FailureMode, RateLimitSpec, RateScope, RateUnit

GATEWAY = {"domain": "acme.example.com", "ingress": {}}


def limits(*given, **args):
    return parse_tenant("acme", {**GATEWAY, **args, "rate_limits": list(given)}).rate_limits


def refused(*given, **args):
    with pytest.raises(ArgsError) as caught:
        limits(*given, **args)
    return [problem.removeprefix("tenants.acme.") for problem in caught.value.problems]


def test_a_tenant_has_no_limits_unless_told():
    assert parse_tenant("acme").rate_limits == ()


def test_a_limit_is_each_pods_by_the_second_and_for_every_path_unless_told():
    (found,) = limits({"requests": 100})
    assert found == RateLimitSpec(requests=100, path="/", per=RateUnit.SECOND, scope=RateScope.LOCAL)


def test_a_limit_is_read_whole():
    (found,) = limits(
        RateLimitArgs(path="/api", requests=9, per="hour", scope="global", header="X-User", on_failure="deny")
    )
    assert found == RateLimitSpec(
        path="/api",
        requests=9,
        per=RateUnit.HOUR,
        scope=RateScope.GLOBAL,
        header="x-user",
        on_failure=FailureMode.DENY,
    )


def test_every_wrong_field_is_named():
    wrong = {"path": "api", "requests": 0, "per": "secnd", "scope": "all", "header": "x user", "on_failure": "open"}
    assert refused(wrong, {"path": "/a*"}, {"path": "/a/", "requests": 1}, {"path": "/a b", "requests": 1}) == [
        "rate_limits[0].path: 'api' is not a path: start with '/', use '*' at the end only, and none of '?', '#', '%'",
        "rate_limits[0].requests: 0 is not a positive number (1-1000000000)",
        "rate_limits[0].per: 'secnd' is none of second, minute, hour, day: did you mean 'second'?",
        "rate_limits[0].scope: 'all' is none of local, global",
        "rate_limits[0].header: 'x user' is not the name of a header",
        "rate_limits[0].on_failure: 'open' is none of allow, deny",
        "rate_limits[1].path: '/a*' has a '*': leave it out, all under a path is meant anyway",
        "rate_limits[1].requests: is missing",
        "rate_limits[2].path: '/a/' ends in '/': leave it out, all under a path is meant anyway",
        "rate_limits[3].path: '/a b' has what no request's path has: use letters, digits and marks without spaces",
    ]


def test_what_only_a_shared_count_has_needs_one():
    assert refused({"requests": 1, "header": "x-user", "on_failure": "deny"}) == [
        "rate_limits[0].header: has a meaning with scope global only",
        "rate_limits[0].on_failure: has a meaning with scope global only",
    ]


@pytest.mark.parametrize("header", ["Authorization", "cookie", "Proxy-Authorization"])
def test_what_clients_prove_themselves_with_is_not_kept_as_a_count(header):
    (problem,) = refused({"requests": 1, "scope": "global", "header": header})
    assert "is what clients prove themselves with, and would be kept: count by another header" in problem


def test_a_limit_is_said_once():
    same = {"path": "/api", "requests": 1, "scope": "global", "header": "x-user"}
    assert refused({"requests": 1}, {"requests": 2}, same, same | {"header": "X-User", "requests": 5}) == [
        "rate_limits[1].path: / per second has a local limit already: leave one out",
        "rate_limits[3].path: /api per second by x-user has a global limit already: leave one out",
    ]
    apart = ({}, {"per": "hour"}, {"path": "/api"}, {"scope": "global"}, {"scope": "global", "header": "x-user"})
    assert len(limits(*({"requests": 1} | one for one in apart))) == 5


@pytest.mark.parametrize("ingress", [None, {"client_tls": "passthrough"}])
def test_a_gateway_has_to_see_requests(ingress):
    assert refused({"requests": 1}, ingress=ingress) == [
        "rate_limits: no gateway sees requests: give an ingress whose client_tls is not passthrough"
    ]


def test_what_counts_for_all_pods_has_to_fit_into_the_gateways_namespace():
    """It is reserved as the gateways are."""
    small = {"settings": {"gateway_namespace": "gateway"}, "quota": {"pods": 12}}
    local, shared = (
        parse_tenant("acme", {**GATEWAY, **small, "rate_limits": [{"requests": 1, "scope": scope}]})
        for scope in ("local", "global")
    )
    reserved = [next(one.quota for one in spec.namespaces if one.part) for spec in (local, shared)]
    pods = [one.pods for one in reserved]
    assert pods[1] >= pods[0]
    assert COUNTING_AMOUNTS == (60, 1500, 512 * 1024**2, 0, 1)
    tight = {"quota": {"pods": 6, "container": {}}, "ingress": {"replicas": {"minimum": 5}}}
    assert len(limits({"requests": 1}, **tight)) == 1
    (problem,) = refused({"requests": 1, "scope": "global"}, **tight)
    assert problem.startswith("quota.pods: the gateways need 7 ")
