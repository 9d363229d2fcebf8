"""Names in the lab: what they mean, and that programs in a pod find them by the system's own resolver."""

import subprocess
import sys

import pytest

from tenantmesh.lab import links
from tenantmesh.lab.dns_server import serve
from tenantmesh.lab.names import ADDRESS, write_resolver
from tenantmesh.lab.services import Services
from tenantmesh.lab.zone import Zone

_LOOK_UP = """
import socket, sys
for name in sys.argv[1:]:
    try:
        print(",".join(sorted({found[4][0] for found in socket.getaddrinfo(name, None, socket.AF_INET)})))
    except socket.gaierror as problem:
        print({socket.EAI_NONAME: "no such name", socket.EAI_NODATA: "no address"}.get(problem.errno, problem))
"""


def _service(namespace, name, **spec):
    return {"metadata": {"namespace": namespace, "name": name}, "spec": spec}


def _behind(service, *endpoints):
    return {
        "metadata": {"namespace": "tenant1", "name": service, "labels": {"kubernetes.io/service-name": service}},
        "addressType": "IPv4",
        "endpoints": list(endpoints),
        "ports": [{"name": "http", "port": 80}],
    }


_OBJECTS = {
    "services": [
        _service("tenant1", "web", clusterIP="10.96.0.50"),
        _service("tenant2", "web", clusterIP="10.96.0.51"),
        _service("tenant1", "db", clusterIP="None"),
        _service("tenant1", "empty", clusterIP="None"),
        _service("tenant1", "partner", type="ExternalName", externalName="api.Partner.example."),
        _service("tenant1", "loop", type="ExternalName", externalName="loop.tenant1.svc.cluster.local"),
    ],
    "slices": [
        _behind("db", {"addresses": ["10.0.0.1"], "hostname": "db-0"}, {"addresses": ["10.0.0.2"]}),
        _behind("db", {"addresses": ["10.0.0.3"], "conditions": {"ready": False}}),
        _behind("web", {"addresses": ["10.0.0.4"], "hostname": "web-0"}),
    ],
    "hosts": [{"data": {"NodeHosts": "203.0.113.5 api.partner.example www.partner.example # theirs\n\n# nothing\n"}}],
}

_MEANINGS = {
    "web": "10.96.0.50",
    "web.tenant2": "10.96.0.51",
    "web.tenant2.svc": "10.96.0.51",
    "web.tenant1.svc.cluster.local.": "10.96.0.50",
    "WEB": "10.96.0.50",
    "db": "10.0.0.1,10.0.0.2",
    "db-0.db": "10.0.0.1",
    "partner": "203.0.113.5",
    "www.partner.example": "203.0.113.5",
    "empty": "no address",
    "loop": "no address",
    "web-0.web": "no such name",
    "unknown": "no such name",
    "example.com": "no such name",
    "tenant1.svc.cluster.local": "no address",
}


@pytest.fixture
def resolving(node):
    """The prefix of a command that runs in a pod of tenant1, with the lab's DNS server behind its cluster address."""
    zone = Zone()
    zone.replace(_OBJECTS)
    server, pod = node.attach("kube-system/dns"), node.attach("tenant1/pod")
    serve(zone.respond, server.namespace, server.address)
    ports = [{"name": protocol.lower(), "port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")]
    service = _service("kube-system", "kube-dns", clusterIP=ADDRESS, ports=ports)
    labels = {"kubernetes.io/service-name": "kube-dns"}
    ends = {"metadata": {"namespace": "kube-system", "name": "x", "labels": labels}, "addressType": "IPv4"}
    ends |= {"endpoints": [{"addresses": [server.address]}], "ports": ports}
    Services(None, node).apply({"services": [service], "slices": [ends]})
    write_resolver(pod.namespace, "tenant1")
    return node.enter(pod.namespace)


def _look_up(prefix, *names):
    command = [*prefix, sys.executable, "-c", _LOOK_UP, *names]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.splitlines()


def test_names_mean_what_they_mean_in_a_cluster(resolving):
    assert dict(zip(_MEANINGS, _look_up(resolving, *_MEANINGS), strict=True)) == _MEANINGS


def test_long_answers_come_over_tcp(node):
    """An answer of over 512 bytes is cut, and asked for again by the resolver itself."""
    zone = Zone()
    many = [f"10.1.0.{number}" for number in range(1, 60)]
    zone.replace(_OBJECTS | {"slices": [_behind("db", {"addresses": many})]})
    other = node.attach("kube-system/other-dns")
    serve(zone.respond, other.namespace, other.address)
    pod = node.attach("tenant1/second")
    write_resolver(pod.namespace, "tenant1")
    file = links.CONFIGURATION / pod.namespace / "resolv.conf"
    file.write_text(file.read_text().replace(ADDRESS, other.address))
    (found,) = _look_up(node.enter(pod.namespace), "db")
    assert len(found.split(",")) == 59


def test_what_is_no_message_is_refused():
    with pytest.raises(ValueError, match="not a DNS message"):
        Zone().respond(b"\0\1", 512)


def test_a_namespace_exists_without_an_address():
    """Else a resolver could take a Service of the namespace for missing too."""
    zone = Zone()
    zone.replace(_OBJECTS)
    name = b"".join(bytes([len(label)]) + label for label in (b"tenant1", b"svc", b"cluster", b"local")) + b"\0"
    question = b"\0\7\1\0\0\1\0\0\0\0\0\0" + name + b"\0\1\0\1"
    assert zone.respond(question, 512)[3] & 0xF == 0
    assert zone.respond(question.replace(b"tenant1", b"tenant9"), 512)[3] & 0xF == 3
