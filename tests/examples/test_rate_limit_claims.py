"""What the example of rate limits claims, looked up in the objects that it makes."""

import json

from tests.examples.programs import objects


def filters():
    patches = objects("rate-limits").spec("EnvoyFilter", "rate-limits", "bazaar")["configPatches"]
    return [one["patch"]["value"]["typed_config"] for one in patches if one["applyTo"] == "HTTP_FILTER"]


def test_each_gateway_pod_has_a_limit_of_its_own():
    local, *_ = filters()
    (bucket,) = [one["token_bucket"] for one in local["descriptors"]]
    assert bucket == {"fill_interval": "1s", "max_tokens": 200, "tokens_per_fill": 200}
    assert objects("rate-limits").spec("Deployment", "bazaar-ingress", "bazaar")["replicas"] == 2


def test_searches_are_counted_by_the_user_in_the_token_for_all_pods():
    data = objects("rate-limits").one("ConfigMap", "bazaar-ratelimit", "bazaar")["data"]
    search, _ = json.loads(data["limits.yaml"])["descriptors"]
    assert search["descriptors"] == [{"key": "x-user", "rate_limit": {"requests_per_unit": 30, "unit": "minute"}}]
    (rule,) = objects("rate-limits").spec("RequestAuthentication", "tokens", "bazaar")["jwtRules"]
    assert rule["outputClaimToHeaders"] == [{"claim": "sub", "header": "x-user"}]


def test_without_a_count_searches_go_on_and_orders_do_not():
    _, allow, deny = filters()
    assert [one["failure_mode_deny"] for one in (allow, deny)] == [False, True]
    (told,) = deny["rate_limits"]
    assert told["actions"][0]["header_value_match"]["descriptor_value"] == "/orders per hour"
