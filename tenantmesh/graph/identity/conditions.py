"""The conditions of AuthorizationPolicies: one attribute of a request against values and not-values.

Source: https://istio.io/latest/docs/reference/config/security/conditions/ and istiod's translation to Envoy, which is
what decides where the reference is silent: on a connection that is not HTTP an ALLOW rule with an HTTP condition is
left out whole, and a DENY rule goes on without that condition.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from tenantmesh.graph.cidrs import Address, address, network
from tenantmesh.graph.fits import Fit, certain, some
from tenantmesh.graph.identity.circumstances import SPIFFE, Circumstances
from tenantmesh.graph.identity.patterns import (
    Pattern,
    account_pattern,
    namespace_pattern,
    path_pattern,
    pattern,
    trust_domain_pattern,
)

Test = Callable[[Circumstances], Fit]


class Condition(NamedTuple):
    """One attribute: some value has to fit, if there are `values`, and none of `not_values` may.

    `tests` and `not_tests` are one for each value; `is_http` says that it needs a request. `unknown` says why it is not
    understood ("" when it is).
    """

    attribute: str
    values: tuple[str, ...]
    not_values: tuple[str, ...]
    path: str
    tests: tuple[Test, ...] = ()
    not_tests: tuple[Test, ...] = ()
    is_http: bool = False
    unknown: str = ""

    def fit(self, circumstances: Circumstances) -> Fit:
        """Whether it holds."""
        if self.unknown:
            return Fit.UNSURE
        if self.tests:
            found = some(test(circumstances) for test in self.tests)
            if found is not Fit.YES:
                return found
        if self.not_tests:
            return _OPPOSITE[some(test(circumstances) for test in self.not_tests)]
        return Fit.YES


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
    return Condition(attribute, values, not_values, path, tests, not_tests, kind.is_http)


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


def _of_address(read: Callable[[Circumstances], Address | None]) -> _Kind:
    def test(_attribute: str, value: str, _namespace: str) -> Test:
        block = network(value if "/" in value else f"{value}/{address(value).max_prefixlen}")

        def holds(one: Circumstances) -> Fit:
            found = read(one)
            return Fit.UNSURE if found is None else certain(holds=found in block)

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
    names = _bracketed(attribute)
    if len(names) != 1:
        raise ValueError(f"{attribute} names no header")
    (name,), wanted = names, pattern(value)
    # That a header is there is enough for "*", even with an empty value.
    if wanted.form == "present":
        return lambda one: certain(holds=name.lower() in one.request.headers)
    return lambda one: certain(holds=wanted.matches(one.request.headers.get(name.lower())))


def _path(_attribute: str, value: str, _namespace: str) -> Test:
    wanted = path_pattern(value)
    return lambda one: certain(holds=wanted.matches(one.request.path.partition("?")[0]))


def _request_principal(_attribute: str, value: str, _namespace: str) -> Test:
    issuer, slash, subject = value.rpartition("/")
    if value == "*":
        wanted = (pattern("*"), pattern("*"))
    elif not slash:
        wanted = (pattern("*"), pattern(value)) if value.startswith("*") else (pattern(value), pattern("*"))
        if "*" not in value:
            wanted = (pattern(value), Pattern("exact", ""))
    else:
        wanted = (pattern(issuer), pattern(subject))

    def holds(one: Circumstances) -> Fit:
        if not one.request_principal:
            return Fit.NO
        found_issuer, _, found_subject = one.request_principal.rpartition("/")
        return certain(holds=wanted[0].matches(found_issuer) and wanted[1].matches(found_subject))

    return holds


def _claim(attribute: str, value: str, _namespace: str) -> Test:
    names, wanted = _bracketed(attribute), pattern(value)
    if not names:
        raise ValueError(f"{attribute} names no claim")

    def holds(one: Circumstances) -> Fit:
        found: Any = one.request.claims if one.request_principal else None
        for name in names:
            found = found.get(name) if isinstance(found, Mapping) else None
        some_of = found if isinstance(found, list | tuple) else [] if found is None else str(found).split(" ")
        return certain(holds=any(wanted.matches(str(each)) for each in some_of))

    return holds


def _audience(_attribute: str, value: str, _namespace: str) -> Test:
    wanted = pattern(value)
    return lambda one: certain(
        holds=bool(one.request_principal) and any(wanted.matches(each) for each in one.request.audiences)
    )


def _presenter(_attribute: str, value: str, _namespace: str) -> Test:
    wanted = pattern(value)
    return lambda one: certain(holds=bool(one.request_principal) and wanted.matches(one.request.presenter or None))


def _bracketed(attribute: str) -> list[str]:
    found = re.fullmatch(r"[^\[]*((?:\[[^\[\]]*\])+)", attribute)
    return re.findall(r"\[([^\[\]]*)\]", found[1]) if found else []


def _method(_attribute: str, value: str, _namespace: str) -> Test:
    wanted = pattern(value)
    return lambda one: certain(holds=wanted.matches(one.request.method))


_KINDS: Final[Mapping[str, _Kind]] = {
    "connection.sni": _of_text(lambda one: one.request.sni),
    "destination.ip": _of_address(lambda one: one.destination_address),
    "destination.port": _Kind(_port),
    "remote.ip": _of_address(lambda one: one.remote_address),
    "request.auth.audiences": _Kind(_audience, is_http=True),
    "request.auth.claims": _Kind(_claim, is_http=True),
    "request.auth.presenter": _Kind(_presenter, is_http=True),
    "request.auth.principal": _Kind(_request_principal, is_http=True),
    "request.headers": _Kind(_header, is_http=True),
    "request.host": _Kind(_host, is_http=True),
    "request.method": _Kind(_method, is_http=True),
    "request.path": _Kind(_path, is_http=True),
    "source.ip": _of_address(lambda one: one.source_address),
    "source.namespace": _of_principal(lambda value, _: namespace_pattern(value)),
    "source.principal": _of_principal(lambda value, _: pattern(value, SPIFFE)),
    "source.serviceAccount": _of_principal(account_pattern),
    "source.trustDomain": _of_principal(lambda value, _: trust_domain_pattern(value)),
}
_ONLY_INSIDE: Final = frozenset({"request.host", "request.method", "request.path"})
"""Ours, for the fields of `to`; `when` knows no such keys."""


def known_in_when(attribute: str) -> bool:
    """Whether Istio knows the key in `when`."""
    return attribute not in _ONLY_INSIDE


def _kind(attribute: str) -> _Kind | None:
    name, bracket, _ = attribute.partition("[")
    if bracket and name not in ("request.headers", "request.auth.claims"):
        return None
    return _KINDS.get(name)
