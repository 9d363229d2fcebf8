"""URNs, and references to providers (`urn::id`), taken apart and put together.

A URN is `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME` (sdk/go/common/resource/urn); a name may hold `::` too.
"""

from typing import Final

ROOT_STACK: Final = "pulumi:pulumi:Stack"
PROVIDER_PREFIX: Final = "pulumi:providers:"
UNKNOWN_ID: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands for the id of a provider in a preview, as in Pulumi's engine."""


def make(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """The URN of a resource; the parent's types lead its own unless the parent is the stack."""
    chain = qualified_type(parent) if parent else ""
    prefix = f"{chain}$" if chain and chain != ROOT_STACK else ""
    return f"urn:pulumi:{stack}::{project}::{prefix}{type_}::{name}"


def qualified_type(urn: str) -> str:
    """The types of all parents and its own, joined by `$`."""
    return _part(urn, 2)


def type_of(urn: str) -> str:
    """Its own type."""
    return _part(urn, 2).rpartition("$")[2]


def name_of(urn: str) -> str:
    """The logical name that the program gave."""
    return _part(urn, 3)


def _part(urn: str, index: int) -> str:
    parts = urn.split("::", 3)
    return parts[index] if len(parts) > index else ""


def package_of(type_: str) -> str:
    """The package that a type or function token belongs to; a provider's type belongs to `pulumi`."""
    return type_.partition(":")[0]


def is_provider(type_: str) -> bool:
    """Whether resources of this type are providers."""
    return type_.startswith(PROVIDER_PREFIX)


def provided_package(type_: str) -> str:
    """The package whose resources a provider of this type manages."""
    return type_.removeprefix(PROVIDER_PREFIX)


def split_reference(reference: str) -> tuple[str, str]:
    """The URN and the id in a provider reference; both empty when there is none."""
    urn, _, identifier = reference.rpartition("::")
    return urn, identifier


def default_provider_name(version: str, url: str = "") -> str:
    """The name of the provider that is made for a package where the program names none."""
    plain = version.replace("-", ".").replace("+", ".").split(".") if version else []
    suffix = "_" + "".join(character if character.isalnum() else "_" for character in url) if url else ""
    return "_".join(["default", *plain]) + suffix
