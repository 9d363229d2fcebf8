"""Host names of a mesh: full names, wildcards, and what covers or meets what.

Source: https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService (hosts) and
https://istio.io/latest/docs/reference/config/networking/gateway/#Server (hosts).
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


def is_wild(host: str) -> bool:
    """Whether `host` stands for many: `*` or `*.example.com`."""
    return host.startswith("*")


def covers(pattern: str, host: str) -> bool:
    """Whether all that `host` means is also meant by `pattern`; `*.x` covers neither `x` nor `ax`."""
    if not is_wild(pattern):
        return pattern == host
    return (host[1:] if is_wild(host) else host).endswith(pattern[1:])


def meets(one: str, other: str) -> bool:
    """Whether some name is meant by both."""
    return covers(one, other) or covers(other, one)


def narrower(one: str, other: str) -> str:
    """What two hosts that meet have in common: the narrower of them."""
    return other if covers(one, other) else one


def narrowness(host: str) -> tuple[bool, int]:
    """By which hosts that cover one name are compared: the greatest is the narrowest, and a proxy takes it."""
    return not is_wild(host), len(host)


def example(host: str) -> str:
    """A name that `host` means."""
    return f"any{host[1:]}" if host.startswith("*.") else "any.invalid" if is_wild(host) else host


def full_name(host: str, namespace: str, domain: str) -> str:
    """`host` as an object of `namespace` means it: a short name is a service of that namespace, as Istio reads it."""
    lower = host.lower()
    return lower if "." in lower or is_wild(lower) else f"{lower}.{namespace}.svc.{domain}"


def service_host(name: str, namespace: str, domain: str) -> str:
    """The full name of a Kubernetes Service."""
    return f"{name}.{namespace}.svc.{domain}"


def without_port(authority: str) -> str:
    """The host of an authority such as `example.com:8080` or `[::1]:80`, in lower case."""
    host = authority.lower().rstrip(".")
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0] if host.count(":") == 1 else host


class HostIndex(Generic[Item]):
    """Things by host, found by a name that their host covers, without a look at all of them."""

    def __init__(self) -> None:
        self._exact: defaultdict[str, list[Item]] = defaultdict(list)
        self._wild: defaultdict[str, list[Item]] = defaultdict(list)

    def add(self, host: str, item: Item) -> None:
        """File `item` under `host`."""
        (self._wild if is_wild(host) else self._exact)[host].append(item)

    def exact(self, host: str) -> list[Item]:
        """What is filed under just this host."""
        return (self._wild if is_wild(host) else self._exact).get(host, [])

    def covering(self, host: str) -> Iterator[Item]:
        """What is filed under a host that covers `host`, the most specific first."""
        yield from self.exact(host)
        for suffix in suffixes(host):
            yield from self._wild.get(suffix, ())


def suffixes(host: str) -> Iterator[str]:
    """The wildcards that cover `host` and are not `host` itself, the narrowest first: `*.b.c`, `*.c`, `*`."""
    rest = host[2:] if host.startswith("*.") else host
    if host == "*":
        return
    while "." in rest:
        rest = rest.partition(".")[2]
        yield f"*.{rest}"
    yield "*"
