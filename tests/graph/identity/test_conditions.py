"""Each condition of a rule, its opposite, and what both mean on a connection that is not HTTP."""

import pytest

from tenantmesh.graph.verdict import Answer
from tests.graph.identity.conditions import HTTP_ONLY, ROWS, Row
from tests.graph.identity.objects import TCP, answer, client, policy, tokens, web

WEB = web(addresses=("10.1.0.1",))
READ = tokens("issuer", "issuer-2")
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
every_http_row = pytest.mark.parametrize("row", HTTP_ONLY, ids=lambda row: row.id)


def allowed(row: Row, action: str, *, negated: bool) -> list[list[bool]]:
    """Of the requests that fit and of the others: whether each passes a policy of one rule that makes the condition."""
    objects = (READ, policy(action, row.rule(negated=negated)))
    answers = [[answer(objects, *flow, WEB) for flow in flows] for flows in (row.fits, row.others)]
    assert all(one is not Answer.UNPROVEN for some in answers for one in some)
    return [[one is Answer.ALLOWED for one in some] for some in answers]


def all_are(row: Row, *, fits: bool, others: bool) -> list[list[bool]]:
    return [[fits] * len(row.fits), [others] * len(row.others)]


@every_row
def test_allow_lets_in_what_fits_and_nothing_else(row):
    assert allowed(row, "ALLOW", negated=False) == all_are(row, fits=True, others=False)


@every_row
def test_allow_with_the_opposite_lets_in_all_that_does_not_fit(row):
    """What is not there at all (no certificate, token or header) is "not" any value, too."""
    assert allowed(row, "ALLOW", negated=True) == all_are(row, fits=False, others=True)


@every_row
def test_deny_keeps_out_what_fits_and_nothing_else(row):
    assert allowed(row, "DENY", negated=False) == all_are(row, fits=False, others=True)


@every_row
def test_deny_with_the_opposite_keeps_out_all_that_does_not_fit(row):
    assert allowed(row, "DENY", negated=True) == all_are(row, fits=True, others=False)


@every_http_row
@pytest.mark.parametrize("negated", [False, True])
def test_allow_that_asks_for_http_never_lets_in_a_connection(row, negated):
    """`an ALLOW policy with HTTP only fields will never match TCP`: its rule is left out whole."""
    assert answer((READ, policy("ALLOW", row.rule(negated=negated))), client(), TCP) is Answer.DENIED


@every_http_row
@pytest.mark.parametrize("negated", [False, True])
def test_deny_that_asks_for_http_keeps_out_every_connection(row, negated):
    """`a DENY policy with HTTP only fields ... are ignored`: what is left of the rule decides, which is all of it."""
    assert answer((READ, policy("DENY", row.rule(negated=negated))), client(), TCP) is Answer.DENIED


def test_deny_on_a_connection_still_asks_for_what_is_left_of_it():
    rule = {"from": [{"source": {"namespaces": ["c"]}}], "to": [{"operation": {"paths": ["/admin"]}}]}
    assert answer((policy("DENY", rule),), client("c"), TCP) is Answer.DENIED
    assert answer((policy("DENY", rule),), client("a"), TCP) is Answer.ALLOWED


def test_what_source_and_operation_and_when_ask_for_has_to_hold_at_once():
    rule = {
        "from": [{"source": {"namespaces": ["a"]}}, {"source": {"principals": ["cluster.local/ns/c/sa/client"]}}],
        "to": [{"operation": {"methods": ["GET"], "paths": ["/api"]}}, {"operation": {"ports": ["9090"]}}],
        "when": [{"key": "request.headers[x]", "values": ["1"]}, {"key": "connection.sni", "notValues": ["no"]}],
    }
    good = {"path": "/api", "headers": {"x": "1"}}
    for source, request, right in (
        (client(), {**good}, Answer.ALLOWED),
        (client("c"), {**good}, Answer.ALLOWED),
        (client("d"), {**good}, Answer.DENIED),
        (client("c", "other"), {**good}, Answer.DENIED),
        (client(), {**good, "path": "/"}, Answer.DENIED),
        (client(), {**good, "path": "/", "port": 9090}, Answer.ALLOWED),
        (client(), {**good, "method": "PUT", "port": 9090}, Answer.ALLOWED),
        (client(), {**good, "headers": {}}, Answer.DENIED),
        (client(), {**good, "sni": "no"}, Answer.DENIED),
    ):
        request = TCP.__class__(**{"port": 8080, **request})
        assert answer((policy("ALLOW", rule),), source, request) is right, (source, request)


def test_values_and_their_exceptions_hold_at_once():
    rule = {"from": [{"source": {"namespaces": ["a*"], "notNamespaces": ["ab"]}}]}
    assert answer((policy("ALLOW", rule),), client("ac")) is Answer.ALLOWED
    assert answer((policy("ALLOW", rule),), client("ab")) is Answer.DENIED
