"""What people write of tenants: the intent file, and the declarations on namespaces, with every wrong field named."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from tenantmesh.checks.declarations.spelling import checked, decoded
from tenantmesh.errors import IntentError
from tenantmesh.graph.cidrs import network

TENANT_LABEL = "tenantmesh.dev/tenant"

Port = Annotated[int, Field(ge=1, le=65535, strict=True)]
Name = Annotated[str, Field(min_length=1)]


def _range(text: str) -> str:
    try:
        network(text)
    except ValueError:
        raise PydanticCustomError("range", "is not a range of addresses like 203.0.113.0/24") from None
    return text


Range = Annotated[str, AfterValidator(_range)]


class _Said(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class ExportSaid(_Said):
    """The owner's half of a grant. Without `ports` it is all ports; without `service` all pods."""

    to: tuple[Name, ...]
    service: str = ""
    ports: tuple[Port, ...] = ()
    methods: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    service_accounts: tuple[str, ...] = ()
    selector: Mapping[str, str] = {}
    reason: str = ""


class ImportSaid(_Said):
    """The caller's half of a grant."""

    namespace: Name
    service: str = ""
    ports: tuple[Port, ...] = ()
    selector: Mapping[str, str] = {}
    reason: str = ""


class GrantSaid(_Said):
    """Both halves at once: tenant `source` may call a service of tenant `destination`.

    `namespace` is needed where the destination has several; `selector` where no Service of that name gives it.
    """

    source: Name
    destination: Name
    reason: Name
    service: str = ""
    namespace: str = ""
    ports: tuple[Port, ...] = ()
    methods: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    service_accounts: tuple[str, ...] = ()
    selector: Mapping[str, str] = {}


class ProjectSaid(_Said):
    """Tenants that may reach one another."""

    name: Name
    tenants: tuple[Name, ...] = Field(min_length=2)


class DoorSaid(_Said):
    """What gateways ask of clients outside for `hosts`, at least.

    `tls` is `none`, `simple`, `mutual` (a client's certificate, of one of `clients` if they are given) or
    `passthrough`; `secret` holds the server's certificate and the authority of its clients. With a `selector` it is
    said of gateways whose pods have these labels, and of those of which nothing is said.
    """

    hosts: tuple[Name, ...] = Field(min_length=1)
    tls: Literal["mutual", "none", "passthrough", "simple"]
    secret: str = ""
    clients: tuple[str, ...] = ()
    selector: Mapping[str, str] = {}


class TenantDoorSaid(DoorSaid):
    """The same of a named tenant."""

    tenant: Name


class OpenedSaid(_Said):
    """What tokens with these claims open, each with one of its values; without `paths` or `methods` it is any."""

    paths: tuple[Name, ...] = ()
    methods: tuple[Name, ...] = ()
    claims: Mapping[Name, tuple[Name, ...]] = {}


class TokenSaid(_Said):
    """An issuer whose tokens a tenant's gateways ask for, together with the tenant's other ones.

    Its tokens are for one of `audiences`, signed with the keys at the address `keys`, or with those that are written
    beside and have this digest, `sha256:` and hex, or the digest in the annotation of that name; `headers` of a request
    are written from the claims that they name, and never by a client. Without one of these nothing is said of it.
    """

    issuer: Name
    audiences: tuple[Name, ...] = ()
    keys: str = ""
    headers: Mapping[Name, Name] = {}
    allow: tuple[OpenedSaid, ...] = ()


class TenantTokenSaid(TokenSaid):
    """The same of a named tenant."""

    tenant: Name


class RangesSaid(_Said):
    """Pods with the labels `selector`, a gateway's, answer addresses of `from` only, and call those of `to` only.

    Without one of the two, nothing is said of that direction; `except` is what of `to` they do not call. `hosts` are
    the outside hosts that are called by these pods and by no others.
    """

    selector: Mapping[Name, str] = Field(min_length=1)
    sources: tuple[Range, ...] = Field(default=(), alias="from")
    destinations: tuple[Range, ...] = Field(default=(), alias="to")
    excepted: tuple[Range, ...] = Field(default=(), alias="except")
    hosts: tuple[Name, ...] = ()


class TenantRangesSaid(RangesSaid):
    """The same of a named tenant."""

    tenant: Name


class PermissiveSaid(_Said):
    """Pods with the labels `selector` take plain text on `ports` up to and with the day `until`."""

    selector: Mapping[str, str] = Field(min_length=1)
    ports: tuple[Port, ...] = Field(min_length=1)
    until: datetime.date
    reason: Name


class CallersSaid(_Said):
    """Pods with the labels `selector`, an egress gateway's, take requests for `host` from these service accounts only.

    They are those of the tenant's own namespaces.
    """

    host: Name
    service_accounts: tuple[Name, ...] = Field(min_length=1)
    selector: Mapping[Name, str] = Field(min_length=1)


class TenantCallersSaid(CallersSaid):
    """The same of a named tenant."""

    tenant: Name


OfGateways = TenantDoorSaid | TenantTokenSaid | TenantRangesSaid | TenantCallersSaid
"""What an intent file says of a tenant's gateways."""


class ExemptionSaid(_Said):
    """Findings that are known and borne: of one rule, for the named tenants and objects (globs; empty is all).

    It holds up to and with the day `expires`.
    """

    rule: Name
    reason: Name
    expires: datetime.date
    tenants: tuple[Name, ...] = ()
    objects: tuple[Name, ...] = ()

    def __str__(self) -> str:
        return f"exemption from {self.rule} ({self.reason})"


class IntentFile(_Said):
    """What is meant, where the cluster's own labels and annotations do not say it.

    `tenants` gives tenants their namespaces, before any label. `harmless_kinds` are kinds, or `group/Kind`, that
    neither route, select nor grant.
    """

    tenant_label: Name = TENANT_LABEL
    shared_namespaces: tuple[Name, ...] = ()
    tenants: Mapping[str, tuple[Name, ...]] = {}
    grants: tuple[GrantSaid, ...] = ()
    doors: tuple[TenantDoorSaid, ...] = ()
    tokens: tuple[TenantTokenSaid, ...] = ()
    ranges: tuple[TenantRangesSaid, ...] = ()
    callers: tuple[TenantCallersSaid, ...] = ()
    projects: tuple[ProjectSaid, ...] = ()
    exemptions: tuple[ExemptionSaid, ...] = ()
    harmless_kinds: tuple[Name, ...] = ()

    @classmethod
    def read(cls, path: Path) -> "IntentFile":
        """The file at `path`, which is YAML. Raises IntentError with every wrong field by its path."""
        try:
            loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
            raise IntentError([f"{path}: can't be read: {' '.join(str(error).split())}"]) from error
        return checked(TypeAdapter(cls), {} if loaded is None else loaded, f"{path}: ")


_EXPORTS = TypeAdapter(tuple[ExportSaid, ...])
_IMPORTS = TypeAdapter(tuple[ImportSaid, ...])
_DOORS = TypeAdapter(tuple[DoorSaid, ...])
_TOKENS = TypeAdapter(tuple[TokenSaid, ...])
_RANGES = TypeAdapter(tuple[RangesSaid, ...])
_CALLERS = TypeAdapter(tuple[CallersSaid, ...])
_PERMISSIVE = TypeAdapter(tuple[PermissiveSaid, ...])
_NAMES = TypeAdapter(tuple[Name, ...])


def exports(text: Any, where: str) -> tuple[ExportSaid, ...]:
    """The annotation `exports`; `where` leads each problem. Raises IntentError."""
    return decoded(_EXPORTS, text, where)


def imports(text: Any, where: str) -> tuple[ImportSaid, ...]:
    """The annotation `imports`. Raises IntentError."""
    return decoded(_IMPORTS, text, where)


def doors(text: Any, where: str) -> tuple[DoorSaid, ...]:
    """The annotation `doors`. Raises IntentError."""
    return decoded(_DOORS, text, where)


def tokens(text: Any, where: str) -> tuple[TokenSaid, ...]:
    """The annotation `tokens`. Raises IntentError."""
    return decoded(_TOKENS, text, where)


def ranges(text: Any, where: str) -> tuple[RangesSaid, ...]:
    """The annotation `ranges`. Raises IntentError."""
    return decoded(_RANGES, text, where)


def permissive(text: Any, where: str) -> tuple[PermissiveSaid, ...]:
    """The annotation `permissive`. Raises IntentError."""
    return decoded(_PERMISSIVE, text, where)


def callers(text: Any, where: str) -> tuple[CallersSaid, ...]:
    """The annotation `callers`. Raises IntentError."""
    return decoded(_CALLERS, text, where)


def names(text: Any, where: str) -> tuple[str, ...]:
    """The annotation `peers`. Raises IntentError."""
    return decoded(_NAMES, text, where)
