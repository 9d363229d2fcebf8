"""The node and the pods' networks on the real kernel: who reaches whom, and that nothing is left."""

import os
import signal
import subprocess
import sys
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from tenantmesh.errors import LabError
from tenantmesh.lab import links
from tenantmesh.lab.node import Node, next_free
from tests.lab.sockets import ask, serving

_KILLED = """
import sys, time
from tenantmesh.lab.node import Node
node = Node(sys.argv[1])
node.up()
node.attach("tenant1/web")
print("up", flush=True)
time.sleep(600)
"""


def _traces(lab):
    """Everything on this machine that carries the lab's id."""
    places = (links.NAMESPACES, links.CONFIGURATION, Path("/sys/class/net"))
    named = [str(path) for place in places if place.is_dir() for path in place.iterdir() if lab in path.name]
    return [*named, *(line for line in links.run("ip", "route").splitlines() if lab in line)]


def test_a_pod_reaches_another_under_its_own_address(node):
    """No address translation on the way: policies and identities depend on the true source."""
    client, server = node.attach("tenant1/client"), node.attach("tenant2/server")
    with serving(node.enter(server.namespace), 9080, name="server"):
        assert ask(node.enter(client.namespace), server.address, 9080) == f"server {client.address}"


def test_a_pod_reaches_the_host_and_the_host_a_pod(node):
    pod = node.attach("tenant1/pod")
    with serving([], 0, name="host", address=node.host_address) as host:
        port = _port(host.pid)
        assert ask(node.enter(pod.namespace), node.host_address, port) == f"host {pod.address}"
    with serving(node.enter(pod.namespace), 80, name="pod"):
        assert ask([], pod.address, 80) == f"pod {node.host_address}"


def test_the_node_reaches_a_pod_as_itself(node):
    """So a kubelet's probes come from the node's address."""
    pod = node.attach("tenant1/pod")
    with serving(node.enter(pod.namespace), 9080, name="pod"):
        assert ask(node.enter(node.namespace), pod.address, 9080) == f"pod {node.address}"


def test_a_pod_reaches_nothing_of_the_host_but_the_link(node):
    pod = node.attach("tenant1/pod")
    with serving([], 0, name="host", address="127.0.0.1") as host:
        assert ask(node.enter(pod.namespace), node.host_address, _port(host.pid)) == "no ConnectionRefusedError"
    assert ask(node.enter(pod.namespace), "192.0.2.77", 80).startswith("no ")


def test_a_host_outside_has_the_address_that_it_is_given(node):
    pod, outside = node.attach("tenant1/pod"), node.attach("outside", "203.0.113.5")
    with serving(node.enter(outside.namespace), 443, name="outside"):
        assert ask(node.enter(pod.namespace), "203.0.113.5", 443) == f"outside {pod.address}"


def test_another_process_can_add_a_host_outside(node, lab):
    """The node is up in the kubelet's process, and a test wants somebody to talk to."""
    pod = node.attach("tenant1/pod")
    outside = Node.running(lab).attach("outside", "203.0.113.6")
    with serving(node.enter(outside.namespace), 443, name="outside"):
        assert ask(node.enter(pod.namespace), "203.0.113.6", 443) == f"outside {pod.address}"


def test_no_node_is_found_that_is_not_up(lab):
    with pytest.raises(LabError, match="is up: start the lab first"):
        Node.running(lab)


def test_a_detached_pod_is_gone_and_its_address_rests(node):
    """Whoever still remembers the address means the pod that is gone, and not the next one."""
    first = node.attach("tenant1/first")
    assert node.attach("tenant1/first") == first
    node.detach("tenant1/first")
    node.detach("tenant1/first")
    assert not (links.NAMESPACES / first.namespace).exists()
    assert node.attach("tenant1/second").address != first.address


def test_addresses_are_given_in_turn_and_never_twice():
    pods = IPv4Network("10.244.64.0/28")
    given, last = [], None
    for _ in range(5):
        last = next_free(pods, given, last)
        given.append(last)
    assert given == [f"10.244.64.{number}" for number in (10, 11, 12, 13, 14)]
    assert next_free(pods, given[:2] + given[3:], "10.244.64.13") == "10.244.64.12"
    with pytest.raises(LabError, match="no free address left"):
        next_free(pods, given, last)


def test_two_labs_have_ranges_of_their_own(node, lab):
    with Node(lab[::-1]) as other:
        assert not node.pod_range.overlaps(other.pod_range)


def test_nothing_is_left_after_down(node, lab):
    pod = node.attach("tenant1/web")
    configuration = links.CONFIGURATION / pod.namespace
    configuration.mkdir(parents=True)
    with serving(node.enter(pod.namespace), 80, name="still running"):
        assert len(_traces(lab)) >= 4
        node.down()
        assert _traces(lab) == []


def test_the_next_start_removes_what_a_killed_one_left(lab):
    with subprocess.Popen([sys.executable, "-c", _KILLED, lab], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "up\n"
        os.kill(process.pid, signal.SIGKILL)
    assert len(_traces(lab)) >= 3
    with Node(lab) as node:
        assert [path.name for path in links.NAMESPACES.iterdir() if lab in path.name] == [node.namespace]
    assert _traces(lab) == []


def test_without_permission_the_error_says_what_to_do(lab):
    """A user namespace without any right to the host's names stands for an account without rights."""
    code = f"from tenantmesh.lab.node import Node; Node({lab!r}).up()"
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if "Permission denied" in done.stderr and "LabError" not in done.stderr:
        pytest.skip("another user can't read this Python")
    assert "LabError: no network namespace can be made here" in done.stderr
    assert "run as root" in done.stderr


def test_an_id_that_no_interface_can_have_is_refused():
    with pytest.raises(LabError, match="is not the id of a lab"):
        Node("much-too-long-an-id")


def _port(pid):
    """The port that a server of the host was given."""
    lines = links.run("ss", "--listening", "--tcp", "--numeric", "--processes").splitlines()
    return int(next(line for line in lines if f"pid={pid}," in line).split()[3].rpartition(":")[2])
