"""Who a tenant has to do with by declaration, and the places at which each has the names of another."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat

from tenantmesh.checks.alike.forms import Form

_NOWHERE = repeat(-1)
"""The place of a name that a tenant has not."""


class Neighbours:
    """The tenants around each tenant. `owners` says whose a name is."""

    def __init__(self, forms: Mapping[str, Form], owners: Mapping[str, str]) -> None:
        self._forms, self._owners = forms, owners
        self._speakers = _speakers(forms, owners)
        self._places: dict[str, Mapping[str | None, int]] = {
            tenant: {name: at for at, name in enumerate(form.names)} for tenant, form in forms.items()
        }

    def owner(self, name: str) -> str:
        """Whose name it is; empty for nobody's."""
        return self._owners.get(name, "")

    def named(self, tenant: str) -> Sequence[str]:
        """The tenants with whom one declared something, in the order of its names."""
        form, owners = self._forms[tenant], self._owners
        return tuple(dict.fromkeys(owners[name] for name in form.names[form.own :] if name in owners))

    def heard(self, tenant: str, named: Sequence[str]) -> Sequence[str]:
        """The tenants that declared something with one and that are not `named` by it."""
        return [one for one in self._speakers.get(tenant, ()) if one not in named]

    def belongs(self, tenant: str) -> tuple[int, ...]:
        """For each name of a tenant the place of the tenant whose it is; -1 for nobody's."""
        names = self._forms[tenant].names
        return tuple(map(self._places[tenant].get, map(self._owners.get, names), _NOWHERE))

    def places(self, other: str, names: Iterable[str]) -> tuple[int, ...]:
        """The place that `other` has for each of some names; -1 for those it has not."""
        return tuple(map(self._places[other].get, names, _NOWHERE))


def _speakers(some: Mapping[str, Form], owners: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
    """Who declared something with each tenant."""
    found: dict[str, dict[str, None]] = {}
    for tenant, form in some.items():
        for name in form.names[form.own :]:
            if name in owners:
                found.setdefault(owners[name], {})[tenant] = None
    return {tenant: tuple(speaking) for tenant, speaking in found.items()}
