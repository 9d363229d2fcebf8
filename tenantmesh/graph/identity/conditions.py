"""The conditions of AuthorizationPolicies: one attribute of a request against values and not-values.

Source: https://istio.io/latest/docs/reference/config/security/conditions/ and istiod's translation to Envoy, which is
what decides where the reference is silent: on a connection that is not HTTP an ALLOW rule with an HTTP condition is
left out whole, and a DENY rule goes on without that condition.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tenantmesh.graph.cidrs import address, network, within
from tenantmesh.graph.fits import Fit, certain, some
from tenantmesh.graph.identity.circumstances import SPIFFE, Circumstances, Networks
from tenantmesh.graph.identity.members import MANY, meant, near_to
from tenantmesh.graph.identity.patterns import (
    Pattern,
    account_pattern,
    namespace_pattern,
    path_pattern,
    pattern,
    trust_domain_pattern,
)
from tenantmesh.graph.nearby import Nearby

Test = Callable[[Circumstances], Fit]


class Condition(NamedTuple):
    """One attribute: some value has to fit, if there are `values`, and none of `not_values` may.

    `tests` and `not_tests` are one for each value; where there are many, `near` and `not_near` have them by whom they
    mean. `is_http` says that it needs a request, `unknown` why it is not understood ("" when it is).
    """

    attribute: str
    values: tuple[str, ...]
    not_values: tuple[str, ...]
    path: str
    tests: tuple[Test, ...] = ()
    not_tests: tuple[Test, ...] = ()
    is_http: bool = False
    unknown: str = ""
    near: Nearby[Test] | None = None
    not_near: Nearby[Test] | None = None

    @property
    def spaces(self) -> frozenset[str] | None:
        """The namespaces of all members for whom it may hold; None where it may hold for others."""
        return meant(self.attribute, self.values) if self.values and not self.unknown else None

    def fit(self, circumstances: Circumstances) -> Fit:
        """Whether it holds."""
        if self.unknown:
            return Fit.UNSURE
        if self.tests:
            found = _some(self.tests, self.near, circumstances)
            if found is not Fit.YES:
                return found
        if self.not_tests:
            return _OPPOSITE[_some(self.not_tests, self.not_near, circumstances)]
        return Fit.YES


def _some(tests: Sequence[Test], known: Nearby[Test] | None, circumstances: Circumstances) -> Fit:
    if len(tests) == 1:
        return tests[0](circumstances)
    return some(test(circumstances) for test in (near_to(known, circumstances.principal) if known else tests))


_OPPOSITE: Final = {Fit.YES: Fit.NO, Fit.NO: Fit.YES, Fit.UNSURE: Fit.UNSURE}


def condition(
    attribute: str, values: tuple[str, ...], not_values: tuple[str, ...], path: str, namespace: str
) -> Condition:
    """The condition on an attribute, which is named as in `when`; `namespace` is the policy's."""
    kind = _kind(attribute)
    if kind is None:
        unknown = f"the attribute {attribute} is not understood"
        return Condition(attribute, values, not_values, path, unknown=unknown)
    try:
        tests = tuple(kind.test(attribute, value, namespace) for value in values)
        not_tests = tuple(kind.test(attribute, value, namespace) for value in not_values)
    except ValueError as error:
        return Condition(attribute, values, not_values, path, unknown=str(error))
    told = (_nearby(attribute, values, tests), _nearby(attribute, not_values, not_tests))
    return Condition(attribute, values, not_values, path, tests, not_tests, kind.is_http, "", *told)


def _nearby(attribute: str, values: Sequence[str], tests: Sequence[Test]) -> Nearby[Test] | None:
    if len(values) < MANY:
        return None
    return Nearby((test, meant(attribute, (value,))) for value, test in zip(values, tests, strict=True))


class _Kind(NamedTuple):
    test: Callable[[str, str, str], Test]
    is_http: bool = False


def _of_text(read: Callable[[Circumstances], str | None], make: Callable[[str], Pattern] = pattern) -> _Kind:
    def test(_attribute: str, value: str, _namespace: str) -> Test:
        wanted = make(value)
        return lambda one: certain(holds=wanted.matches(read(one)))

    return _Kind(test)


def _of_principal(make: Callable[[str, str], Pattern]) -> _Kind:
    def test(_attribute: str, value: str, namespace: str) -> Test:
        wanted = make(value, namespace)
        return lambda one: certain(holds=wanted.matches(one.principal))

    return _Kind(test)


def _of_address(read: Callable[[Circumstances], Networks]) -> _Kind:
    def test(_attribute: str, value: str, _namespace: str) -> Test:
        block = network(value if "/" in value else f"{value}/{address(value).max_prefixlen}")

        def holds(one: Circumstances) -> Fit:
            where = read(one)
            if where and all(within(part, block) for part in where):
                return Fit.YES
            apart = all(part.version != block.version or not part.overlaps(block) for part in where)
            return Fit.NO if where and apart else Fit.UNSURE

        return holds

    return _Kind(test)


def _port(_attribute: str, value: str, _namespace: str) -> Test:
    if not value.isdigit() or int(value) > 65535:
        raise ValueError(f"{value!r} is not a port")
    wanted = int(value)
    return lambda one: certain(holds=one.request.port == wanted)


def _host(_attribute: str, value: str, _namespace: str) -> Test:
    wanted = pattern(value.lower())
    return lambda one: certain(holds=wanted.matches(one.request.host.lower() or None))


def _header(attribute: str, value: str, _namespace: str) -> Test:
    names = bracketed(attribute)
    if len(names) != 1:
        raise ValueError(f"{attribute} names no header")
    (name,), wanted = names, pattern(value)
    # That a header is there is enough for "*", even with an empty value.
    if wanted.form == "present":
        return lambda one: certain(holds=name.lower() in one.request.headers)
    return lambda one: certain(holds=wanted.matches(one.request.headers.get(name.lower())))


def _path(_attribute: str, value: str, _namespace: str) -> Test:
    wanted = path_pattern(value)
    return lambda one: certain(holds=wanted.matches(one.path))


def _request_principal(_attribute: str, value: str, _namespace: str) -> Test:
    issuer, subject = issuer_and_subject(value)
    return lambda one: certain(holds=_has(one, ("iss",), issuer) and _has(one, ("sub",), subject))


def issuer_and_subject(value: str) -> tuple[Pattern, Pattern]:
    """The patterns of both that a request principal `issuer/subject` asks for; the last slash parts them."""
    issuer, slash, subject = value.rpartition("/")
    if slash and (value.startswith("*") or not value.endswith("*")):
        starred = pattern(issuer) if issuer.startswith("*") else Pattern("exact", issuer)
        return starred, Pattern("exact", subject)
    if slash:
        return Pattern("exact", issuer), pattern(subject)
    if value.startswith("*"):
        return pattern("*"), pattern(value)
    return pattern(value), pattern("*") if value.endswith("*") else Pattern("exact", "")


def _claim(attribute: str, value: str, _namespace: str) -> Test:
    names, wanted = tuple(bracketed(attribute)), pattern(value)
    if not names:
        raise ValueError(f"{attribute} names no claim")
    return lambda one: certain(holds=_has(one, names, wanted, listed=True))


def _audience(_attribute: str, value: str, _namespace: str) -> Test:
    wanted = pattern(value)
    return lambda one: certain(holds=_has(one, ("aud",), wanted, listed=True))


def _presenter(_attribute: str, value: str, _namespace: str) -> Test:
    wanted = pattern(value)
    return lambda one: certain(holds=_has(one, ("azp",), wanted, listed=True))


def _has(one: Circumstances, names: tuple[str, ...], wanted: Pattern, *, listed: bool = False) -> bool:
    """Whether a claim of the token is a text that fits or, if it may be `listed`, a list with such a text."""
    found: Any = one.claims
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    if listed and isinstance(found, list | tuple):
        return any(isinstance(each, str) and wanted.matches(each) for each in found)
    return isinstance(found, str) and wanted.matches(found)


def bracketed(attribute: str) -> list[str]:
    """The names in brackets at the end of an attribute; none when they are not well-formed."""
    found = re.fullmatch(r"[^\[]*((?:\[[^\[\]]*\])+)", attribute)
    return re.findall(r"\[([^\[\]]*)\]", found[1]) if found else []


def _method(_attribute: str, value: str, _namespace: str) -> Test:
    wanted = pattern(value)
    return lambda one: certain(holds=wanted.matches(one.request.method))


_KINDS: Final[Mapping[str, _Kind]] = {
    "connection.sni": _of_text(lambda one: one.request.sni),
    "destination.ip": _of_address(lambda one: one.destination),
    "destination.port": _Kind(_port),
    "remote.ip": _of_address(lambda one: one.remote),
    "request.auth.audiences": _Kind(_audience, is_http=True),
    "request.auth.claims": _Kind(_claim, is_http=True),
    "request.auth.presenter": _Kind(_presenter, is_http=True),
    "request.auth.principal": _Kind(_request_principal, is_http=True),
    "request.headers": _Kind(_header, is_http=True),
    "request.host": _Kind(_host, is_http=True),
    "request.method": _Kind(_method, is_http=True),
    "request.path": _Kind(_path, is_http=True),
    "source.ip": _of_address(lambda one: one.source),
    "source.namespace": _of_principal(lambda value, _: namespace_pattern(value)),
    "source.principal": _of_principal(lambda value, _: pattern(value, SPIFFE)),
    "source.serviceAccount": _of_principal(account_pattern),
    "source.trustDomain": _of_principal(lambda value, _: trust_domain_pattern(value)),
    "ztunnel.namespace": _of_text(lambda one: one.principal.split("/")[4] if one.principal else None),
}
_ONLY_INSIDE: Final = frozenset({"request.host", "request.method", "request.path", "ztunnel.namespace"})
"""Ours, for the fields of `to` and for what ztunnel reads otherwise; `when` knows no such keys."""


def known_in_when(attribute: str) -> bool:
    """Whether Istio knows the key in `when`."""
    return attribute not in _ONLY_INSIDE


def _kind(attribute: str) -> _Kind | None:
    name, bracket, _ = attribute.partition("[")
    if bracket and name not in ("request.headers", "request.auth.claims"):
        return None
    return _KINDS.get(name)
