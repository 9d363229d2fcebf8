"""What holds an App's callers back when it is slow or fails: timeout, retries, circuit breaker, outliers, faults."""

import uuid
from collections import Counter

import pytest

from tests.mesh.steering import TENANT, arrivals, asking, caller, forget, many, steered, tell, versions, within

NEVER = {"attempts": 0}


def ask(mesh, path, **request):
    return asking(mesh, "details", path, **request)()


def once(mesh, path):
    """A request with an id of its own, by which the stand-in counts how often it came."""
    return ask(mesh, path, headers={"x-request-id": str(uuid.uuid4())})


def test_what_takes_longer_than_the_timeout_is_answered_by_504(mesh):
    with steered(mesh, "details", {"rules": [{"timeout": "500ms", "retries": NEVER}]}):
        assert ask(mesh, "/details/0?delay=15s").status == 504
    assert ask(mesh, "/details/0?delay=1s").status == 200


@pytest.mark.parametrize(("attempts", "status", "tries"), [(0, 503, 1), (1, 503, 2), (2, 200, 3), (5, 200, 3)])
def test_a_failed_request_is_sent_again_as_often_as_told(mesh, attempts, status, tries):
    """The server itself counts what came."""
    with steered(mesh, "details", {"rules": [{"retries": {"attempts": attempts, "on": ["5xx"]}}]}):
        forget(mesh, "details")
        assert once(mesh, "/details/0?fail-first=2").status == status
        assert arrivals(mesh, "details") == tries


@pytest.mark.parametrize(("on", "tries"), [(["503"], 1), (["500"], 3), (["gateway-error", "5xx"], 3)])
def test_only_what_is_named_is_tried_again(mesh, on, tries):
    with steered(mesh, "details", {"rules": [{"retries": {"attempts": 2, "on": on}}]}):
        forget(mesh, "details")
        assert once(mesh, "/details/0?status=500").status == 500
        assert arrivals(mesh, "details") == tries


def test_each_try_has_its_own_timeout(mesh):
    retries = {"attempts": 2, "per_try_timeout": "500ms", "on": ["gateway-error"]}
    with steered(mesh, "details", {"rules": [{"timeout": "30s", "retries": retries}]}):
        forget(mesh, "details")
        assert once(mesh, "/details/0?delay=20s").status == 504
        assert arrivals(mesh, "details") == 3


def test_the_circuit_opens_when_too_much_is_under_way_and_closes_after(mesh):
    pool = {"max_connections": 1, "max_pending_requests": 1, "max_requests": 1}
    slow = asking(mesh, "details", "/details/0?delay=2s")
    before = _flagged(mesh, "UO")
    with steered(mesh, "details", {"connection_pool": pool}):
        answers = many(slow, 12, at_once=12)
        assert ask(mesh, "/details/0").status == 200
    refused = [answer for answer in answers if answer.status == 503]
    assert refused
    assert any(answer.status == 200 for answer in answers)
    assert {answer.headers.get("x-envoy-overloaded") for answer in refused} == {"true"}
    mesh.eventually(lambda: _flagged(mesh, "UO") - before == len(refused), 30)


def test_without_limits_the_circuit_stays_closed(mesh):
    answers = many(asking(mesh, "details", "/details/0?delay=2s"), 12, at_once=12)
    assert Counter(answer.status for answer in answers) == {200: 12}


def test_a_failing_pod_is_left_out_and_comes_back_when_it_is_well(mesh):
    outliers = {
        "consecutive_5xx_errors": 3,
        "interval": "1s",
        "base_ejection_time": "15s",
        "max_ejection_percent": 100,
    }
    send = asking(mesh, "reviews", "/reviews/0")
    sick = mesh.app(TENANT, "reviews", "v3")
    with steered(mesh, "reviews", {"rules": [{"retries": NEVER}], "outlier_detection": outliers}):
        try:
            tell(mesh, sick, "PUT", "/behaviour?status=500")
            failed = 0
            while not _ejected(mesh):
                failed += sum(answer.status == 500 for answer in many(send, 5, at_once=1))
                assert failed < 100, "the pod fails on and on"
            left = many(send, 30)
            assert Counter(answer.status for answer in left) == {200: 30}
            assert set(versions(left)) == {"v1", "v2"}
        finally:
            tell(mesh, sick, "PUT", "/behaviour")
        mesh.eventually(lambda: "v3" in versions(many(send, 12)), 60)


def test_a_third_of_three_pods_is_none(mesh):
    """Envoy rounds down what may be left out; with Istio's default of 10 this holds for nine pods."""
    outliers = {"consecutive_5xx_errors": 1, "interval": "1s", "max_ejection_percent": 33}
    sick = mesh.app(TENANT, "reviews", "v3")
    with steered(mesh, "reviews", {"rules": [{"retries": NEVER}], "outlier_detection": outliers}):
        try:
            tell(mesh, sick, "PUT", "/behaviour?status=500")
            found = Counter(answer.status for answer in many(asking(mesh, "reviews", "/reviews/0"), 60, at_once=1))
        finally:
            tell(mesh, sick, "PUT", "/behaviour")
        assert not _ejected(mesh)
    assert found[500] > 1


def _ejected(mesh):
    """Whether the caller's proxy leaves a pod of reviews out."""
    lines = mesh.admin(caller(mesh), "/clusters").splitlines()
    return any("|reviews." in line and "failed_outlier_check" in line for line in lines)


def test_so_many_percent_of_the_requests_wait(mesh):
    count, wait = 400, {"duration": "250ms", "percent": 25}
    before = _flagged(mesh, "DI")
    with steered(mesh, "details", {"rules": [{"fault": {"delay": wait}}]}):
        answers = many(asking(mesh, "details", "/details/0"), count, at_once=8)
        mesh.eventually(lambda: within(_flagged(mesh, "DI") - before, count, 25), 30)
    assert Counter(answer.status for answer in answers) == {200: count}


def test_so_many_percent_of_the_requests_fail_before_they_are_sent(mesh):
    count, fault = 500, {"abort": {"status": 418, "percent": 12.5}}
    with steered(mesh, "details", {"rules": [{"fault": fault}]}):
        forget(mesh, "details")
        found = Counter(answer.status for answer in many(asking(mesh, "details", "/details/0"), count))
        reached = arrivals(mesh, "details")
    assert within(found[418], count, 12.5), found
    assert found[200] == count - found[418] == reached


def test_faults_meet_the_requests_of_the_rule_and_no_others(mesh):
    rules = [{"match": [{"headers": {"x-chaos": {}}}], "fault": {"abort": {"status": 503}}, "retries": NEVER}]
    with steered(mesh, "details", {"rules": rules}):
        assert ask(mesh, "/details/0", headers={"x-chaos": "1"}).status == 503
        assert Counter(answer.status for answer in many(asking(mesh, "details", "/details/0"), 40)) == {200: 40}


def _flagged(mesh, flag):
    """How many requests the caller's proxy has logged with this response flag."""
    return sum(f" {flag} " in line for line in mesh.proxy_log(caller(mesh)).splitlines())
