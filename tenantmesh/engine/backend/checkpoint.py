"""The checkpoint file of a stack: versions 3 and 4 of VersionedCheckpoint (pkg/resource/stack/checkpoint.go).

Records stay raw JSON here, and fields that are not known stay where they are, so reading and writing loses nothing.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from tenantmesh.engine.backend.files import unpack
from tenantmesh.engine.backend.properties import Json
from tenantmesh.errors import StateError

_CURRENT: Final = 3
_WITH_FEATURES: Final = 4
_FEATURE_OF_FIELD: Final = {
    "taint": "taint",
    "replaceWith": "replaceWith",
    "refreshBeforeUpdate": "refreshBeforeUpdate",
}
_FEATURES: Final = frozenset({*_FEATURE_OF_FIELD.values(), "byteString"})
"""What this reader honours; a checkpoint that needs more is refused rather than half understood."""


class Checkpoint:
    """One version of a stack's state as it is, or will be, on disk."""

    def __init__(self, path: Path, envelope: Json) -> None:
        self.path = path
        self._envelope = envelope
        self._latest: Json = envelope["checkpoint"].get("latest") or {}

    @property
    def records(self) -> list[Json]:
        """The resources (ResourceV3), dependencies first."""
        return self._latest.get("resources") or []

    @property
    def pending(self) -> list[Json]:
        """The pending operations (OperationV2)."""
        return self._latest.get("pending_operations") or []

    @property
    def salt(self) -> str:
        """The encryption salt of the passphrase provider, or empty when the stack has no secrets provider yet."""
        return ((self._latest.get("secrets_providers") or {}).get("state") or {}).get("salt", "")

    def replaced(self, records: Sequence[Json], pending: Sequence[Json], salt: str) -> "Checkpoint":
        """A checkpoint with this content, all else as it was; it is `self` when nothing differs but the time."""
        latest = {"manifest": self._latest.get("manifest"), "secrets_providers": None} | self._latest
        latest["secrets_providers"] = self._latest.get("secrets_providers") or {"type": "passphrase"}
        if salt != self.salt:
            latest["secrets_providers"] = {"type": "passphrase", "state": {"salt": salt}}
        if not salt:
            del latest["secrets_providers"]
        for name, items in (("resources", records), ("pending_operations", pending)):
            latest[name] = list(items)
            if not items:
                del latest[name]
        # The second comparison tells true from 1, which Python takes for equal.
        if latest == self._latest and json.dumps(latest) == json.dumps(self._latest):
            return self
        latest["manifest"] = _manifest(self._latest.get("manifest") or {})
        latest.setdefault("metadata", {})
        return Checkpoint(self.path, self._enveloped(latest, records))

    def render(self) -> bytes:
        """The bytes to store, in the compact form that the Pulumi CLI writes."""
        try:
            text = json.dumps(self._envelope, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            return text.encode()
        except RecursionError:
            raise StateError(f"{self.path}: a value is nested too deeply to be written") from None

    def _enveloped(self, latest: Json, records: Sequence[Json]) -> Json:
        features = {feature for field, feature in _FEATURE_OF_FIELD.items() if any(item.get(field) for item in records)}
        features |= {"byteString"} & set(self._envelope.get("features") or ())
        envelope: Json = {"version": _WITH_FEATURES if features else _CURRENT}
        if features:
            envelope["features"] = sorted(features)
        rest = {key: value for key, value in self._envelope.items() if key not in {"version", "features"}}
        return {**envelope, **rest, "checkpoint": {**self._envelope["checkpoint"], "latest": latest}}


def blank(path: Path, stack: str) -> Checkpoint:
    """The checkpoint of a stack that was never deployed; `stack` is its full name."""
    return Checkpoint(path, {"version": _CURRENT, "checkpoint": {"stack": stack}})


def parse(path: Path, data: bytes) -> Checkpoint:
    """The checkpoint in `data`; raises StateError with the path and the reason when it can't be used."""
    try:
        envelope = json.loads(unpack(path, data), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else _where(error)
        raise StateError(f"{path}: not a checkpoint: {reason}") from None
    reason = _refusal(envelope)
    if reason is not None:
        raise StateError(f"{path}: {reason}")
    return Checkpoint(path, envelope)


def digest(data: bytes) -> str:
    """The name of a file's content, by which a journal says what it extends."""
    return hashlib.sha256(data).hexdigest()


def _refusal(envelope: Any) -> str | None:
    """Why the envelope can't be used, or None."""
    if not isinstance(envelope, dict):
        return "not a checkpoint: it has to be an object"
    number = envelope.get("version", 0)
    if not isinstance(number, int) or number > _WITH_FEATURES:
        return f"checkpoint version {number} is newer than the versions up to {_WITH_FEATURES} that can be read"
    checkpoint = envelope.get("checkpoint")
    latest = checkpoint.get("latest") if isinstance(checkpoint, dict) else None
    # The CLI writes version 0 for a stack that was only initialised.
    if number in {1, 2} or (number == 0 and (latest is not None or "latest" in envelope)):
        return f"checkpoint version {number} is too old; update the stack once with a current Pulumi CLI"
    if not isinstance(checkpoint, dict) or not isinstance(latest, dict | None):
        return "not a checkpoint: 'checkpoint' and 'checkpoint.latest' have to be objects"
    lacking = sorted(set(envelope.get("features") or ()) - _FEATURES)
    if lacking:
        return f"the stack uses features that only the Pulumi CLI has: {', '.join(lacking)}"
    return _deployment_refusal(latest or {})


def _deployment_refusal(latest: Json) -> str | None:
    for name in ("resources", "pending_operations"):
        if not isinstance(latest.get(name) or [], list):
            return f"not a checkpoint: 'checkpoint.latest.{name}' has to be a list"
    providers = latest.get("secrets_providers")
    if not providers:
        return None
    state = providers.get("state") if isinstance(providers, dict) else None
    if not isinstance(providers, dict) or providers.get("type") != "passphrase":
        kind = providers.get("type") if isinstance(providers, dict) else providers
        return (
            f"the secrets provider {kind!r} can't be used, only passphrase; run `pulumi stack change-secrets-provider`"
        )
    if not isinstance(state, dict) or not isinstance(state.get("salt"), str):
        return "not a checkpoint: 'checkpoint.latest.secrets_providers.state.salt' has to be a string"
    return None


def _where(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        # The message quotes no content, unlike the exception's document.
        return f"{error.msg.lower()} at line {error.lineno} column {error.colno}"
    return "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else "it holds a number that can't be read"


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _manifest(old: Json) -> Json:
    """When and by whom the deployment was written; the magic is the digest of the version, as the CLI checks it."""
    try:
        number = version("tenantmesh")
    except PackageNotFoundError:
        number = "0.0.0"
    name = f"tenantmesh-{number}"
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return {**old, "time": now, "magic": digest(name.encode()), "version": name}
