"""The part of CEL that the rules of the custom kinds use, with its meaning for errors, and Kubernetes' own functions.

Meaning: the CEL language definition (cel-spec, "Logical Operators" and "Macros") and Kubernetes' extensions (Reference,
"Common Expression Language in Kubernetes"). A question that can't be answered raises one of FAILURES, as in CEL.
"""

import functools
import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Any

from tenantmesh.schema.opaque import Opaque, OpaqueError
from tenantmesh.schema.url import Url, parse_url

FAILURES = (LookupError, OpaqueError, TypeError, ValueError)

Decide = Callable[[], bool]
Predicate = Callable[[Any], bool]

NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3_600 * 10**9,
}
DURATION = re.compile(r"[-+]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)", re.ASCII)
DURATION_PART = re.compile(r"(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
INTEGER = re.compile(r"[-+]?\d+", re.ASCII)
INT64 = range(-(2**63), 2**63)


def either(left: Decide, right: Decide) -> bool:
    """`left || right`: a failure of one side does not count when the other is true."""
    return _absorb(left, right, decisive=True)


def both(left: Decide, right: Decide) -> bool:
    """`left && right`: a failure of one side does not count when the other is false."""
    return _absorb(left, right, decisive=False)


def every(values: Iterable[Any], predicate: Predicate) -> bool:
    """`values.all(x, …)`: false as soon as one is false, even where another failed."""
    return not _any(values, predicate, wanted=False)


def some(values: Iterable[Any], predicate: Predicate) -> bool:
    """`values.exists(x, …)`: true as soon as one is true, even where another failed."""
    return _any(values, predicate, wanted=True)


def one(values: Iterable[Any], predicate: Predicate) -> bool:
    """`values.exists_one(x, …)`: a failure is a failure."""
    return len(select(values, predicate)) == 1


def select(values: Iterable[Any], predicate: Predicate) -> list[Any]:
    """`values.filter(x, …)`: a failure is a failure."""
    return [value for value in values if predicate(value)]


def size(value: Any) -> int:
    """`size(value)`: characters of a string, items of a list, entries of a map."""
    return len(value)


def contains(text: Any, part: str) -> bool:
    """`text.contains(part)`."""
    return part in _text(text)


def starts_with(text: Any, prefix: str) -> bool:
    """`text.startsWith(prefix)`."""
    return _text(text).startswith(prefix)


def ends_with(text: Any, suffix: str) -> bool:
    """`text.endsWith(suffix)`."""
    return _text(text).endswith(suffix)


def split(text: Any, separator: str) -> list[str]:
    """`text.split(separator)`."""
    return _text(text).split(separator)


def substring(text: Any, start: int, end: int | None = None) -> str:
    """`text.substring(start, end)`, which fails outside of the text instead of shortening."""
    string = _text(text)
    stop = len(string) if end is None else end
    if not 0 <= start <= stop <= len(string):
        raise ValueError("substring out of range")
    return string[start:stop]


def matches(text: Any, pattern: str) -> bool:
    """`text.matches(pattern)`: anywhere in the text, as RE2 searches."""
    return _compiled(pattern).search(_text(text)) is not None


def integer(text: Any) -> int:
    """`int(text)`: decimal digits with a sign, 64 bits."""
    string = _text(text)
    if not INTEGER.fullmatch(string) or int(string) not in INT64:
        raise ValueError("not an integer")
    return int(string)


def duration(text: Any) -> int:
    """`duration(text)` in nanoseconds, written as Go writes it: `1h30m`, `0.5s`, `0`."""
    string = _text(text)
    if not DURATION.fullmatch(string):
        raise ValueError("not a duration")
    total = sum(_nanoseconds(*part) for part in DURATION_PART.findall(string))
    if total not in INT64:
        raise ValueError("a duration too long")
    return -total if string.startswith("-") else total


def is_ip(text: Any) -> bool:
    """`isIP(text)`: an IPv4 or IPv6 address without a zone, and no IPv4 address written as an IPv6 one."""
    string = _text(text)
    try:
        address = ipaddress.ip_address(string)
    except ValueError:
        return False
    return "%" not in string and not (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped)


def is_url(text: Any) -> bool:
    """`isURL(text)`: an absolute URI or an absolute path."""
    try:
        parse_url(_text(text))
    except ValueError:
        return False
    return True


def url(text: Any) -> Url:
    """`url(text)`; fails where `isURL` is false."""
    return parse_url(_text(text))


def scheme(parsed: Url) -> str:
    """`url.getScheme()`: in lower case, empty for an absolute path."""
    return parsed.scheme


def _absorb(left: Decide, right: Decide, *, decisive: bool) -> bool:
    try:
        if left() is decisive:
            return decisive
    except FAILURES as failure:
        if _settles(right, failure, decisive=decisive):
            return decisive
        raise
    return right()


def _settles(right: Decide, failure: Exception, *, decisive: bool) -> bool:
    try:
        return right() is decisive
    except FAILURES:
        # What can't be known outweighs what is wrong: the whole may still be true.
        if isinstance(failure, OpaqueError):
            return False
        raise


def _any(values: Iterable[Any], predicate: Predicate, *, wanted: bool) -> bool:
    failure: Exception | None = None
    for value in values:
        try:
            if predicate(value) is wanted:
                return True
        except FAILURES as error:
            failure = failure if isinstance(failure, OpaqueError) else error
    if failure:
        raise failure
    return False


def _text(value: Any) -> str:
    if isinstance(value, Opaque):
        raise OpaqueError
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _nanoseconds(whole: str, fraction: str, unit: str) -> int:
    scale = NANOSECONDS[unit]
    return int(whole or "0") * scale + int(fraction or "0") * scale // 10 ** len(fraction)
