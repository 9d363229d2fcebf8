"""What a resource will be, from its prior state and its inputs: Terraform's plan without Terraform."""

from msgspec import Struct

from tenantmesh.engine.provider import Diff
from tenantmesh.engine.providers.bridged.detail import detailed_diff
from tenantmesh.engine.providers.bridged.schema import Field, ResourceType
from tenantmesh.engine.values import UNKNOWN, Properties, Value


class Plan(Struct, frozen=True, kw_only=True):
    """The planned values, `UNKNOWN` where only a deployment decides, and the fields that force a replacement."""

    values: Properties
    replaces: tuple[str, ...]


def plan(kind: ResourceType, prior: Properties | None, config: Properties) -> Plan:
    """The plan for a resource that is new (`prior` is None) or has these outputs.

    The order of steps is that of the plugin framework's PlanResourceChange: propose, fill defaults, mark what is
    computed as unknown when anything changes, then let the fields' rules speak.
    """
    known = prior or {}
    values = {name: _propose(item, known.get(name), config.get(name)) for name, item in kind.fields.items()}
    if prior is None or _without_nulls(values) != prior:
        for name, item in kind.fields.items():
            if item.is_computed and item.default is None and config.get(name) is None:
                values[name] = known.get(name) if item.keeps and prior is not None else UNKNOWN
    forced = kind.adjust(values, config, prior)
    planned = _without_nulls(values)
    if prior is None:
        return Plan(values=planned, replaces=())
    changed = _changed(prior, planned)
    replaces = {name for name in changed if _replaces(kind, name, prior, planned, config)} | (forced & set(changed))
    return Plan(values=planned, replaces=tuple(sorted(replaces)))


def diff(kind: ResourceType, prior: Properties, config: Properties) -> Diff:
    """How the plan differs from the prior state."""
    planned = plan(kind, prior, config)
    changed = _changed(prior, planned.values)
    return Diff(
        changes=bool(changed),
        replaces=planned.replaces,
        changed=changed,
        detailed=detailed_diff(prior, planned.values, planned.replaces),
    )


def _propose(item: Field, prior: Value, config: Value) -> Value:
    if config is not None:
        return config
    if item.default is not None:
        return item.default
    return prior if item.is_computed else None


def _replaces(kind: ResourceType, name: str, prior: Properties, planned: Properties, config: Properties) -> bool:
    return kind.fields[name].replaces(prior.get(name), planned.get(name), config.get(name))


def _changed(prior: Properties, planned: Properties) -> tuple[str, ...]:
    names = sorted({*prior, *planned})
    return tuple(name for name in names if prior.get(name) != planned.get(name))


def _without_nulls(values: Properties) -> Properties:
    return {name: value for name, value in values.items() if value is not None}
