"""The kinds of values that arguments share: names, hosts, ports, addresses, amounts."""

import ipaddress
import re

from tenantmesh.args.parse.readers import Reader, integer, names, pairs, quantity, record, text
from tenantmesh.spec.gateway import ReplicasSpec, ResourcesSpec
from tenantmesh.spec.hosts import host_problem, pattern_problem
from tenantmesh.spec.labels import RESERVED_PREFIXES
from tenantmesh.spec.names import part_problem, tenant_problem
from tenantmesh.spec.quantities import millicores, size
from tenantmesh.spec.sharing import Peer

_LABEL_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
_MANY = 1_000_000_000


def network_problem(value: str) -> str:
    """Why a text is no range of addresses, or ""."""
    try:
        ipaddress.ip_network(value)
    except ValueError:
        return f"{value!r} is not a range of addresses{_network_hint(value)}"
    return ""


def method_problem(value: str) -> str:
    """Why a text is no HTTP method, or ""."""
    if value in _METHODS:
        return ""
    return f"{value!r} is not an HTTP method ({', '.join(sorted(_METHODS))})"


def path_problem(value: str) -> str:
    """Why a text is no URL path with at most a final `*`, or ""."""
    if not value.startswith("/") or "*" in value[:-1] or any(mark in value for mark in "?#%"):
        return f"{value!r} is not a path: start with '/', use '*' at the end only, and none of '?', '#', '%'"
    return ""


def label_value_problem(value: str) -> str:
    """Why a text is no label value, or ""."""
    return "" if _LABEL_NAME.fullmatch(value) else f"{value!r} is not a label value (letters, digits, '-', '_', '.')"


def label_key_problem(value: str) -> str:
    """Why a text is no label key, or ""."""
    prefix, _, name = value.rpartition("/")
    if not _LABEL_NAME.fullmatch(name) or (prefix and len(prefix) > 253):
        return f"{value!r} is not a label: write name or prefix/name"
    if value.startswith(RESERVED_PREFIXES):
        return f"{value!r} is not yours to set or select by"
    return ""


def variable_problem(value: str) -> str:
    """Why a text is no name of an environment variable, or ""."""
    return "" if _VARIABLE.fullmatch(value) else f"{value!r} is not the name of a variable"


def filled_problem(value: str) -> str:
    """Why a text says nothing, or ""."""
    return "" if value.strip() else "is empty: write something"


def folder_problem(value: str) -> str:
    """Why a text is no absolute folder, or ""."""
    return "" if value.startswith("/") and ".." not in value else f"{value!r} is not an absolute path"


def peer(value: object, path: str, problems: list[str]) -> Peer | None:
    """A namespace of another tenant: `tenant` or `tenant/namespace`."""
    if not isinstance(value, str):
        return text()(value, path, problems)
    tenant, slash, part = value.partition("/")
    problem = tenant_problem(tenant) or (part_problem(part) if slash else "")
    if problem:
        problems.append(f"{path}: {problem}")
        return None
    return Peer(tenant, part)


NAME = text(part_problem)
NAMES = names(part_problem)
TEXT = text(filled_problem)
PLAIN_HOST = text(host_problem)
HOST_PATTERNS = names(pattern_problem)
PORT = integer(1, 65535, "a port")
PORT_OR_CLOSED = integer(0, 65535, "a port, or 0 to close it")
HIGH_PORT = integer(1024, 65535, "a port that needs no privilege")
COUNT = integer(0, _MANY, "a count")
POSITIVE = integer(1, _MANY, "a positive number")
PERCENT = integer(1, 100, "a percentage")
CPU = quantity(millicores, "500m")
SIZE = quantity(size, "256Mi")
NETWORKS = names(network_problem)
SELECTOR = pairs(text(label_value_problem), label_key_problem)


def _replicas_rule(found: dict[str, int]) -> list[tuple[str, str]]:
    least = found.get("minimum", ReplicasSpec().minimum)
    most = found.get("maximum", least)
    return [("maximum", f"{most} is less than the minimum of {least}")] if most < least else []


def _resources_rule(found: dict[str, int]) -> list[tuple[str, str]]:
    spec = ResourcesSpec(**found)
    wrong: list[tuple[str, str]] = []
    if spec.cpu > spec.cpu_limit:
        wrong.append(("cpu", "is more than the CPU limit: raise cpu_limit"))
    if spec.memory > spec.memory_limit:
        wrong.append(("memory", "is more than the memory limit: raise memory_limit"))
    return wrong


def replicas(default: ReplicasSpec) -> Reader:
    """Numbers of pods; what is not given is as in `default`, except that the maximum is the minimum then."""

    def make(**found: int) -> ReplicasSpec:
        return ReplicasSpec(**{"minimum": default.minimum, **found})

    table = {"minimum": POSITIVE, "maximum": POSITIVE, "cpu_utilization": PERCENT}
    return record(make, table, rules=[_replicas_rule])


def resources(default: ResourcesSpec) -> Reader:
    """Requests and limits; what is not given is as in `default`."""

    def make(**found: int) -> ResourcesSpec:
        return ResourcesSpec(**{**{key: getattr(default, key) for key in RESOURCE_TABLE}, **found})

    return record(make, RESOURCE_TABLE, rules=[_resources_rule])


RESOURCE_TABLE = {"cpu": CPU, "memory": SIZE, "cpu_limit": CPU, "memory_limit": SIZE}


def _network_hint(value: str) -> str:
    try:
        return f": did you mean {str(ipaddress.ip_network(value, strict=False))!r}?"
    except ValueError:
        return ", such as '203.0.113.0/24'"
