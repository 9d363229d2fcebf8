"""Makes the values of each random resource from its planned properties."""

import base64
import secrets
import string
import time
import uuid
from collections.abc import Callable

import bcrypt

from tenantmesh.engine.providers.random.gorand import GoRandom
from tenantmesh.engine.providers.random.words import ADJECTIVES, ADVERBS, NAMES
from tenantmesh.engine.values import Properties
from tenantmesh.errors import ProviderError

Make = Callable[[Properties], Properties]

_SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
_BCRYPT_LIMIT = 72
_BCRYPT_COST = 10


def random_bytes(planned: Properties) -> Properties:
    """Bytes in base64 and hexadecimal."""
    return describe_bytes(secrets.token_bytes(planned["length"]))


def describe_bytes(data: bytes) -> Properties:
    """The two spellings of the bytes."""
    return {"base64": base64.b64encode(data).decode(), "hex": data.hex()}


def random_id(planned: Properties) -> Properties:
    """A number in four spellings, each after the prefix; the id has no prefix."""
    length = planned["byteLength"]
    if length < 1:
        raise ProviderError(f"byteLength is {length}; make it at least 1")
    return describe_id(secrets.token_bytes(length), planned.get("prefix", ""))


def describe_id(data: bytes, prefix: str) -> Properties:
    """The spellings of the bytes."""
    url = base64.urlsafe_b64encode(data).decode().rstrip("=")
    return {
        "id": url,
        "b64Url": prefix + url,
        "b64Std": prefix + base64.b64encode(data).decode(),
        "hex": prefix + data.hex(),
        "dec": prefix + str(int.from_bytes(data, "big")),
    }


def random_integer(planned: Properties) -> Properties:
    """A number between both bounds; the same one for the same seed."""
    least, most, seed = planned["min"], planned["max"], planned.get("seed", "")
    if most < least:
        raise ProviderError(f"max is {most}, below min {least}; swap them")
    below = GoRandom(seed).below if seed else secrets.randbelow
    number = least + below(most + 1 - least)
    return {"id": str(number), "result": number, "seed": seed or None}


def random_password(planned: Properties) -> Properties:
    """A string that is secret, and its bcrypt hash."""
    result = _characters(planned)
    return {"id": "none", "result": result, "bcryptHash": bcrypt_hash(result)}


def bcrypt_hash(text: str) -> str:
    """The bcrypt hash of the first 72 bytes, which is all that bcrypt reads."""
    salt = bcrypt.gensalt(_BCRYPT_COST, prefix=b"2a")
    return bcrypt.hashpw(text.encode()[:_BCRYPT_LIMIT], salt).decode()


def random_string(planned: Properties) -> Properties:
    """A string that is its own id."""
    result = _characters(planned)
    return {"id": result, "result": result}


def _characters(planned: Properties) -> str:
    special = planned.get("overrideSpecial") or _SPECIAL
    classes = (
        ("upper", "minUpper", string.ascii_uppercase),
        ("lower", "minLower", string.ascii_lowercase),
        ("numeric", "minNumeric", string.digits),
        ("special", "minSpecial", special),
    )
    alphabet = "".join(characters for flag, _, characters in classes if planned[flag])
    if not alphabet:
        raise ProviderError("upper, lower, numeric and special are all false; make one of them true")
    # Two classes of the same characters share one minimum, the later one's, as in the real provider.
    minimums = {characters: planned[minimum] for _, minimum, characters in classes}
    chosen = [secrets.choice(characters) for characters, least in minimums.items() for _ in range(least)]
    chosen += [secrets.choice(alphabet) for _ in range(planned["length"] - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)


def random_pet(planned: Properties) -> Properties:
    """Words joined by the separator: adverbs, an adjective and a name, after the prefix if there is one."""
    length, separator, prefix = planned["length"], planned["separator"], planned.get("prefix", "")
    lists = (NAMES,) if length == 1 else (*[ADVERBS] * (length - 2), ADJECTIVES, NAMES)
    words = [secrets.choice(words) for words in lists]
    return {"id": separator.join([prefix, *words] if prefix else words), "prefix": prefix or None}


def random_shuffle(planned: Properties) -> Properties:
    """Permutations of the inputs, one after another until there are enough; the same ones for the same seed."""
    items, seed = planned["inputs"], planned.get("seed", "")
    count = planned.get("resultCount", len(items))
    if count < 0:
        raise ProviderError(f"resultCount is {count}; make it at least 0")
    permute = GoRandom(seed).permutation if seed else _permutation
    results: list[str] = []
    while items and len(results) < count:
        results += [items[index] for index in permute(len(items))]
    return {"id": "-", "results": results[:count]}


def _permutation(size: int) -> list[int]:
    order = list(range(size))
    secrets.SystemRandom().shuffle(order)
    return order


def random_uuid(_planned: Properties) -> Properties:
    """16 random bytes spelled as a UUID, without version and variant as the real provider's."""
    return _result(str(uuid.UUID(bytes=secrets.token_bytes(16))))


def random_uuid4(_planned: Properties) -> Properties:
    """A UUID of version 4."""
    return _result(str(uuid.UUID(bytes=secrets.token_bytes(16), version=4)))


def random_uuid7(_planned: Properties) -> Properties:
    """A UUID of version 7: milliseconds since 1970, then the fraction of the millisecond, then randomness."""
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    head = (milliseconds << 16) | 0x7000 | nanoseconds >> 8
    tail = 0b10 << 62 | secrets.randbits(62)
    return _result(str(uuid.UUID(int=head << 64 | tail)))


def _result(value: str) -> Properties:
    return {"id": value, "result": value}
