"""What the names of a cluster mean: its Services, the pods behind headless ones, and hosts that a ConfigMap lists."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tenantmesh.lab.collected import Objects
from tenantmesh.lab.dns import Kind, Outcome, Record, answer, parse
from tenantmesh.lab.slices import ready_endpoints, service_of

DOMAIN = "cluster.local"

_HEADLESS = "None"
_LONGEST_CHAIN = 8

Found = tuple[str, Record | None]
"""A name, and a record of it or none, for a name that exists without."""


class Zone:
    """The names by the objects that were last given; safe to ask while another thread gives new ones."""

    def __init__(self) -> None:
        self._records: Mapping[str, list[Record]] = {}

    def replace(self, objects: Objects) -> None:
        """Take `services`, EndpointSlices (`slices`) and ConfigMaps (`hosts`) for all that there is."""
        found: dict[str, list[Record]] = {}
        for name, record in (*_services(objects), *_hosts(objects["hosts"])):
            records = found.setdefault(name, [])
            if record is not None and record not in records:
                records.append(record)
        self._records = found

    def respond(self, message: bytes, limit: int) -> bytes:
        """The answer to a message, of at most `limit` bytes; ValueError when the message can't be read."""
        question = parse(message)
        if not question.is_query:
            return answer(question, Outcome.NOT_IMPLEMENTED, limit=limit)
        records = self._meaning(question.name)
        if records is None:
            return answer(question, Outcome.NO_SUCH_NAME, limit=limit)
        wanted = [record for record in records if record.kind in (question.kind, Kind.CNAME)]
        return answer(question, Outcome.FOUND, wanted, limit=limit)

    def _meaning(self, name: str) -> list[Record] | None:
        """The records of a name and of what it is an alias of; None for a name that does not exist.

        Names between the zone and a Service, as a namespace's, exist without records.
        """
        known = self._records
        if name not in known:
            return [] if any(one.endswith(f".{name}") for one in known) else None
        found = list(known[name])
        while found and found[-1].kind is Kind.CNAME and len(found) < _LONGEST_CHAIN:
            following = known.get(found[-1].value, [])
            if not following:
                break
            found += following
        return found


def _services(objects: Objects) -> Iterator[Found]:
    headless: set[tuple[str, str]] = set()
    for service in objects["services"]:
        metadata, spec = service["metadata"], service["spec"]
        name = _full(metadata["namespace"], metadata["name"])
        if spec.get("type") == "ExternalName":
            yield name, Record(name=name, kind=Kind.CNAME, value=spec["externalName"].lower().rstrip("."))
        elif spec.get("clusterIP") == _HEADLESS:
            headless.add((metadata["namespace"], metadata["name"]))
            yield name, None
        elif spec.get("clusterIP"):
            yield name, _address(name, spec["clusterIP"])
    yield from _endpoints(objects["slices"], headless)


def _endpoints(slices: Iterable[Mapping[str, Any]], headless: set[tuple[str, str]]) -> Iterator[Found]:
    for one in slices:
        namespace, service = one["metadata"]["namespace"], service_of(one)
        if service is None or (namespace, service) not in headless:
            continue
        name = _full(namespace, service)
        for endpoint in ready_endpoints(one):
            names = [name, *([f"{endpoint['hostname']}.{name}"] if "hostname" in endpoint else [])]
            yield from ((each, _address(each, address)) for each in names for address in endpoint["addresses"])


def _hosts(config_maps: Iterable[Mapping[str, Any]]) -> Iterator[Found]:
    """Lines of an address and its names; what follows a # is a remark."""
    for one in config_maps:
        for line in one.get("data", {}).get("NodeHosts", "").splitlines():
            address, *names = line.partition("#")[0].split() or [""]
            yield from ((name.lower(), _address(name.lower(), address)) for name in names)


def _full(namespace: str, service: str) -> str:
    return f"{service}.{namespace}.svc.{DOMAIN}"


def _address(name: str, address: str) -> Record:
    return Record(name=name, kind=Kind.A, value=address)
