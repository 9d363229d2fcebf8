"""The bridge's own bookkeeping inside a state: `__meta` and `__pulumi_raw_state_delta`.

The delta tells a newer bridge how to rebuild Terraform's state from Pulumi's properties; pkg/tfbridge/rawstate.go of
pulumi-terraform-bridge v3.137 defines its shape.
"""

import json
from collections.abc import Mapping

from tenantmesh.engine.providers.bridged.schema import Field, Kind, snake
from tenantmesh.engine.values import Properties, Secret, Value
from tenantmesh.errors import ProviderError

META = "__meta"
DELTA = "__pulumi_raw_state_delta"


def annotate(fields: Mapping[str, Field], version: int, outputs: Properties) -> Properties:
    """`outputs` with the bookkeeping that the bridge keeps beside them."""
    meta = {META: json.dumps({"schema_version": str(version)}, separators=(",", ":"))} if version else {}
    return {**outputs, **meta, DELTA: {"obj": _object_delta(fields, outputs)}}


def schema_version(outputs: Properties) -> int:
    """The version of the schema that wrote `outputs`; 0 where it does not say."""
    text = outputs.get(META)
    if not isinstance(text, str):
        return 0
    try:
        return int(json.loads(text).get("schema_version") or 0)
    except (ValueError, AttributeError):
        raise ProviderError(f"the state's {META} is malformed; restore the state from a backup") from None


def _object_delta(fields: Mapping[str, Field], values: Properties) -> Properties:
    names = {name: item.terraform or snake(name) for name, item in fields.items()}
    renamed = {name: terraform for name, terraform in names.items() if terraform != snake(name)}
    deltas = {name: _field_delta(item, values.get(name)) for name, item in fields.items()}
    present = {name: delta for name, delta in deltas.items() if delta}
    return {key: value for key, value in {"renamed": renamed, "ps": present}.items() if value}


def _field_delta(item: Field, value: Value) -> Value:
    if value is None:
        # An absent property can't be rebuilt; what Terraform held is stored, as a secret like all that is stored so.
        return Secret({"replace": {"raw": [] if item.kind is Kind.OBJECT else None}})
    match item.kind:
        case Kind.STRINGS:
            return {"arr": {}}
        case Kind.STRING_MAP:
            return {"map": {}}
        case Kind.OBJECT:
            return {"plu": {"i": {"obj": _object_delta(item.fields, value)}}}
        case _:
            return {}
