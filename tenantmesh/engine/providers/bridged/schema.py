"""The description of a bridged resource: its fields, their rules, and the functions that make and restore it.

The rules are those of Terraform's plugin framework as seen through pulumi-terraform-bridge. An absent key stands for
Terraform's null everywhere.
"""

import re
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import TypeGuard

from msgspec import Struct, field

from tenantmesh.engine.provider import CheckFailure
from tenantmesh.engine.values import UNKNOWN, Properties, Value

Replaces = Callable[[Value, Value, Value], bool]
"""Whether a change forces a replacement, from the prior, the planned and the configured value."""

Validator = Callable[[Value, Properties], str | None]
"""What is wrong with a known value among all of the inputs, or None."""

Adjust = Callable[[Properties, Properties, Properties | None], frozenset[str]]
"""Changes the planned values in place, given the inputs and the prior state; returns fields that force a replace."""


class Kind(Enum):
    """The type of a field."""

    STRING = auto()
    INTEGER = auto()
    BOOLEAN = auto()
    STRINGS = auto()
    STRING_MAP = auto()
    OBJECT = auto()


class Role(Enum):
    """Who sets a field: the user must, the user may, the user or else the provider, or only the provider."""

    REQUIRED = auto()
    OPTIONAL = auto()
    EITHER = auto()
    OUTPUT = auto()


def never(_prior: Value, _planned: Value, _config: Value) -> bool:
    """A change updates the resource in place."""
    return False


def always(_prior: Value, _planned: Value, _config: Value) -> bool:
    """Any change replaces the resource."""
    return True


class Field(Struct, frozen=True, kw_only=True):
    """One property of a resource.

    `default` fills an input that is not configured. `keeps` retains the prior value of an output that nobody sets.
    `terraform` is its name in Terraform's state where that isn't the snake case of Pulumi's. `fields` describe an
    object, which Terraform holds as a list of at most one block.
    """

    role: Role = Role.OPTIONAL
    kind: Kind = Kind.STRING
    default: Value = None
    secret: bool = False
    keeps: bool = True
    replaces: Replaces = never
    validators: tuple[Validator, ...] = ()
    terraform: str = ""
    fields: "Mapping[str, Field]" = field(default_factory=dict[str, "Field"])

    @property
    def is_input(self) -> bool:
        """Whether a user may set it."""
        return self.role is not Role.OUTPUT

    @property
    def is_computed(self) -> bool:
        """Whether the provider sets it where the user did not."""
        return self.role in (Role.EITHER, Role.OUTPUT) or self.default is not None


def no_adjustment(_planned: Properties, _config: Properties, _prior: Properties | None) -> frozenset[str]:
    """The rules of the fields say all."""
    return frozenset()


def unchanged(outputs: Properties) -> Properties:
    """What is remembered is what is there."""
    return outputs


def own_id(outputs: Properties) -> str:
    """The id of most resources is an output of that name."""
    return str(outputs["id"])


class ResourceType(Struct, frozen=True, kw_only=True):
    """A kind of resource.

    `make` turns planned values into the outputs that it decides. `version` is the schema's version in the state's
    `__meta`. `refresh` computes what changes with time. `restore` makes the outputs from an import id, None where the
    real provider refuses imports.
    """

    token: str
    fields: Mapping[str, Field]
    make: Callable[[Properties], Properties]
    version: int = 0
    adjust: Adjust = no_adjustment
    refresh: Callable[[Properties], Properties] = unchanged
    restore: Callable[[str], Properties] | None = None
    identify: Callable[[Properties], str] = own_id

    @property
    def secrets(self) -> frozenset[str]:
        """The names of the fields that are always secret."""
        return frozenset(name for name, item in self.fields.items() if item.secret)


def snake(name: str) -> str:
    """Terraform's spelling of a Pulumi property name."""
    return re.sub(r"[A-Z]", lambda match: "_" + match[0].lower(), name)


def is_known(value: Value) -> TypeGuard[Value]:
    """Whether a value is set and known."""
    return value is not None and value is not UNKNOWN


def check(fields: Mapping[str, Field], inputs: Properties) -> tuple[CheckFailure, ...]:
    """Everything that is wrong with `inputs` that `normalise` accepted, in the order of the fields."""
    failures: list[CheckFailure] = []
    for name, item in fields.items():
        value = inputs.get(name)
        if value is None and item.role is Role.REQUIRED:
            failures.append(CheckFailure(property=name, reason=f"{name} is required; set it"))
        if is_known(value):
            reasons = (validate(value, inputs) for validate in item.validators)
            failures.extend(CheckFailure(property=name, reason=reason) for reason in reasons if reason)
            if item.kind is Kind.OBJECT:
                nested = check(item.fields, value)
                failures.extend(CheckFailure(property=f"{name}.{one.property}", reason=one.reason) for one in nested)
    return tuple(failures)
