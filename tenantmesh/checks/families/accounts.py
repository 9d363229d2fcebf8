"""Service accounts that policies name: that there are such, in a namespace that is among the objects."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import Part, part, parts, spec, texts
from tenantmesh.checks.rules import hygiene as rules
from tenantmesh.manifest import ManifestObject

_PRINCIPAL: Final = re.compile(r"[^/*]+/ns/([^/*]+)/sa/([^/*]+)")
# Every namespace has it.
_DEFAULT: Final = "default"


def check(context: Context, outcome: Outcome) -> None:
    """Add the policies of a tenant that name accounts which nobody has."""
    for one in context.objects(outcome.tenant, "security.istio.io", "AuthorizationPolicy"):
        told: set[str] = set()
        for at, rule in enumerate(parts(spec(one).get("rules"))):
            for tenant, account, spaces in _missing(context, one, rule):
                if account not in told:
                    told.add(account)
                    outcome.findings.append(_finding(outcome.tenant, tenant, one, f"spec.rules[{at}]", account, spaces))


def _missing(context: Context, one: ManifestObject, rule: Part) -> Iterator[tuple[str, str, list[str]]]:
    """By tenant the accounts that are in none of the namespaces for which a list names them."""
    for source in parts(rule.get("from")):
        for field, read in _FIELDS.items():
            found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
            for value in texts(part(source, "source").get(field)):
                space, account = read(value, one.key.namespace)
                if account:
                    found[context.intent.owners.get(space, ""), account].append(space)
            for (tenant, account), spaces in found.items():
                if tenant and not any(_may_be(context, space, account) for space in spaces):
                    yield tenant, account, spaces


def _principal(value: str, _: str) -> tuple[str, str]:
    """Namespace and name of the one account that an identity names; nothing of a pattern, or of one not the mesh's."""
    match = _PRINCIPAL.fullmatch(value)
    return (match.group(1), match.group(2)) if match else ("", "")


def _account(value: str, own: str) -> tuple[str, str]:
    """The same of `namespace/account`; an account without one is of the policy's own."""
    space, _, account = value.rpartition("/")
    return (space or own, account) if "*" not in value else ("", "")


_FIELDS: Final[Mapping[str, Callable[[str, str], tuple[str, str]]]] = {
    "principals": _principal,
    "notPrincipals": _principal,
    "serviceAccounts": _account,
    "notServiceAccounts": _account,
}


def _may_be(context: Context, namespace: str, account: str) -> bool:
    """Whether there is the account, or where it should be is not all among the objects."""
    if account == _DEFAULT or not context.namespace_object(namespace):
        return True
    cluster = context.cluster
    return any(one.service_account == account for one in cluster.workloads.get(namespace, ())) or any(
        one.key.name == account for one in cluster.objects("", "ServiceAccount").get(namespace, ())
    )


def _finding(tenant: str, other: str, one: ManifestObject, path: str, account: str, spaces: list[str]) -> Finding:
    places = " or ".join(spaces)
    return finding(
        rules.NAMES_NOBODY,
        (tenant, other),
        (one,),
        witness=f"nobody runs as {account} in {places}",
        message=f"{one.key} names the service account {account} of {places}, which is not there ({path})",
    )
