"""Rebuilds random resources from the ids that `pulumi import` is given. No error quotes an id: it may be a secret."""

import base64
import binascii
import uuid as uuids

from tenantmesh.engine.providers.random.make import bcrypt_hash, describe_bytes, describe_id
from tenantmesh.engine.values import Properties
from tenantmesh.errors import ProviderError


def random_bytes(identifier: str) -> Properties:
    """From the bytes in base64."""
    try:
        data = base64.b64decode(identifier, validate=True)
    except binascii.Error:
        raise ProviderError("the import id of RandomBytes must be the bytes in base64") from None
    return {"length": len(data), **describe_bytes(data), "base64": identifier}


def random_id(identifier: str) -> Properties:
    """From `id` or `prefix,id`, the id in URL-safe base64 without padding."""
    prefix, _, text = identifier.rpartition(",")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ProviderError("the import id of RandomId must be `id` or `prefix,id`, id in base64url") from None
    return {"byteLength": len(data), "prefix": prefix or None, **describe_id(data, prefix), "id": text}


def random_integer(identifier: str) -> Properties:
    """From `result,min,max` or `result,min,max,seed`."""
    parts = identifier.split(",")
    try:
        result, least, most = (int(part) for part in parts[:3])
        if len(parts) > 4:
            raise ValueError
    except ValueError:
        raise ProviderError(
            "the import id of RandomInteger must be `result,min,max` or `result,min,max,seed`"
        ) from None
    seed = parts[3] if len(parts) == 4 else None
    return {"id": parts[0], "result": result, "min": least, "max": most, "seed": seed}


def random_password(identifier: str) -> Properties:
    """From the password itself."""
    return {**_string(identifier), "id": "none", "bcryptHash": bcrypt_hash(identifier)}


def random_string(identifier: str) -> Properties:
    """From the string itself."""
    return {**_string(identifier), "id": identifier}


def _string(result: str) -> Properties:
    return {
        "result": result,
        "length": len(result.encode()),
        **dict.fromkeys(("special", "upper", "lower", "number", "numeric"), True),
        **dict.fromkeys(("minSpecial", "minUpper", "minLower", "minNumeric"), 0),
    }


def uuid(identifier: str) -> Properties:
    """From the UUID."""
    try:
        value = str(uuids.UUID(identifier))
    except ValueError:
        raise ProviderError("the import id must be a UUID, 8-4-4-4-12 hexadecimal digits") from None
    return {"id": value, "result": value}
