"""RequestAuthentication: what becomes of a request's token before the policies ask for it.

Source: https://istio.io/latest/docs/reference/config/security/request_authentication/.
"""

import pytest

from tenantmesh.graph.flow import Request
from tenantmesh.graph.verdict import Answer
from tests.graph.identity.objects import TCP, answer, client, made, of, policy, tokens

ALLOWED, DENIED, UNPROVEN = Answer.ALLOWED, Answer.DENIED, Answer.UNPROVEN
NONE = Request(port=8080)
ALICE = Request(port=8080, request_principal="issuer/alice")
FORGED = Request(port=8080, request_principal="nobody-knows/alice")
WITH_TOKEN = policy("ALLOW", of(requestPrincipals=["*"]))


def selecting(app: str):
    one = tokens("issuer")
    one.body["spec"]["selector"] = {"matchLabels": {"app": app}}
    return one


# What becomes of a request without token, of one with a good token and of one of an issuer that nobody knows;
# once where nothing is asked for, and once where a policy asks for any token.
TOKENS = {
    "nobody reads tokens": ((), (ALLOWED, ALLOWED, ALLOWED), (DENIED, DENIED, DENIED)),
    "the issuer is known": ((tokens("issuer"),), (ALLOWED, ALLOWED, DENIED), (DENIED, ALLOWED, DENIED)),
    "known to the mesh": (
        (tokens("issuer", place="istio-system"),),
        (ALLOWED, ALLOWED, DENIED),
        (DENIED, ALLOWED, DENIED),
    ),
    "known to others": ((tokens("issuer", place="a"),), (ALLOWED, ALLOWED, ALLOWED), (DENIED, DENIED, DENIED)),
    "known to these pods": ((selecting("web"),), (ALLOWED, ALLOWED, DENIED), (DENIED, ALLOWED, DENIED)),
    "known to other pods": ((selecting("db"),), (ALLOWED, ALLOWED, ALLOWED), (DENIED, DENIED, DENIED)),
}


@pytest.mark.parametrize("case", TOKENS)
def test_a_token_counts_where_it_is_read(case):
    objects, free, asked = TOKENS[case]
    assert tuple(answer(objects, client(), one) for one in (NONE, ALICE, FORGED)) == free
    assert tuple(answer((*objects, WITH_TOKEN), client(), one) for one in (NONE, ALICE, FORGED)) == asked


@pytest.mark.parametrize(
    ("audiences", "right"), [((), DENIED), (("shop",), ALLOWED), (("x", "shop"), ALLOWED), (("x",), DENIED)]
)
def test_one_of_the_audiences_of_a_rule_is_needed(audiences, right):
    request = Request(port=8080, request_principal="issuer/alice", audiences=audiences)
    assert answer((tokens("issuer", audiences=["shop", "bar"]),), client(), request) is right


def test_claims_of_words_are_lists_where_the_rule_says_so():
    asking = policy("ALLOW", {"when": [{"key": "request.auth.claims[groups]", "values": ["admins"]}]})
    request = Request(port=8080, request_principal="issuer/alice", claims={"groups": "users admins"})
    assert answer((tokens("issuer"), asking), client(), request) is DENIED
    assert answer((tokens("issuer", spaceDelimitedClaims=["groups"]), asking), client(), request) is ALLOWED


def test_connections_that_are_not_http_have_no_token():
    assert answer((tokens("issuer"),), client(), TCP) is ALLOWED


def test_a_rule_that_is_not_understood_is_unproven():
    strange = made("security.istio.io/v1", "RequestAuthentication", "strange", "b", spec={"jwtRules": [{"magic": 1}]})
    assert answer((strange,), client(), NONE) is ALLOWED
    assert answer((strange,), client(), ALICE) is UNPROVEN
