"""The lab's node: one network namespace through which all traffic of the lab's pods goes, and a link to the host.

Each pod has a namespace of its own, with one address that is routed to it: there is no bridge, so the node sees every
packet from pod to pod in its FORWARD chain, and the pods reach nothing but each other, the node and the host's one
address. All names carry the lab's id, by which leftovers of a killed run are found and removed.
"""

import re
import threading
from collections.abc import Container
from ipaddress import IPv4Address, IPv4Network
from itertools import islice
from types import TracebackType
from typing import Self

from msgspec import Struct

from tenantmesh.errors import LabError
from tenantmesh.lab import links

_RANGES = tuple(islice(IPv4Network("10.244.0.0/16").subnets(new_prefix=22), 16, None))
"""One for each lab of a machine, from the pods' range of the control plane, above what its simulated nodes have."""

_FIRST_POD = 10
_ID = re.compile(r"[a-z0-9]{1,10}")
_GATEWAY = "169.254.1.1"
"""The pods' next hop, the same for all: the node's end of each pod's link has it."""

_NODE_SETTINGS = (
    "net.ipv4.ip_forward=1",
    "net.ipv6.conf.all.disable_ipv6=1",
    # Each connection that a policy denies is told so at once: by default, few are told, and the others find out later.
    "net.ipv4.icmp_ratelimit=0",
    "net.ipv4.icmp_msgs_per_sec=1000000",
    "net.ipv4.icmp_msgs_burst=100000",
    # A NodePort on loopback is not offered, and a packet may come back on another link than it left.
    "net.ipv4.conf.all.rp_filter=0",
    "net.ipv4.conf.default.rp_filter=0",
)
_POD_SETTINGS = (
    "net.ipv6.conf.all.disable_ipv6=1",
    # What containerd does: a process without privileges may listen on port 80.
    "net.ipv4.ip_unprivileged_port_start=0",
)


class PodNetwork(Struct, frozen=True, kw_only=True):
    """A pod's network namespace and its address."""

    namespace: str
    address: str


class Node:
    """The node of the lab with the id `lab` (up to ten of a-z and 0-9); `up` and `down` can be repeated at will.

    Safe to share between threads.
    """

    def __init__(self, lab: str) -> None:
        if not _ID.fullmatch(lab):
            raise LabError(f"{lab!r} is not the id of a lab: use up to ten of a-z and 0-9")
        self.namespace = f"tenantmesh-lab-{lab}"
        self._link = f"tml-{lab}"
        self._range: IPv4Network | None = None
        self._lock = threading.Lock()
        self._pods: dict[str, PodNetwork] = {}
        self._last: str | None = None

    @classmethod
    def running(cls, lab: str) -> Self:
        """The node that another process has up, to attach more to it under addresses of the caller's choice.

        Raises LabError when it is not up.
        """
        node = cls(lab)
        node._range = node._claimed()
        return node

    @property
    def pod_range(self) -> IPv4Network:
        """All addresses of this lab; LabError before `up`."""
        if self._range is None:
            raise LabError("the lab's node is not up: start it first")
        return self._range

    @property
    def host_address(self) -> str:
        """The host's address on its link to the node: what listens there is reached by pods, and by nobody else."""
        return str(self.pod_range[1])

    @property
    def address(self) -> str:
        """The node's own address, which the host and the pods reach."""
        return str(self.pod_range[2])

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.down()

    def up(self) -> None:
        """Make the node anew, after removing what is left of an earlier one.

        Raises LabError where namespaces are not permitted, `ip` is missing, or all ranges of addresses are taken.
        """
        self.down()
        links.make(self.namespace)
        try:
            links.write_settings(self.namespace, _NODE_SETTINGS)
            self._range = self._join()
        except LabError:
            self.down()
            raise

    def down(self) -> None:
        """Remove the node and all pods' networks, whoever made them; processes in them lose every link."""
        with self._lock:
            links.delete_link(self._link)
            for name in (*links.named(f"{self.namespace}."), self.namespace):
                links.remove(name)
            self._pods.clear()
            self._last = None
            self._range = None

    def attach(self, pod: str, address: str | None = None) -> PodNetwork:
        """Give `pod` (`NAMESPACE/NAME`, say) a network; one that it has already is given again.

        `address` is the next free one of the lab, or any other, for a host that stands for the world outside.
        """
        with self._lock:
            if pod not in self._pods:
                self._pods[pod] = self._attach(pod, address or self._free())
            return self._pods[pod]

    def detach(self, pod: str) -> None:
        """Remove a pod's network; one that has none is fine."""
        with self._lock:
            network = self._pods.pop(pod, None)
            if network:
                links.remove(network.namespace)

    @property
    def attached(self) -> dict[str, str]:
        """The address of each pod that has a network, by what it was attached as."""
        with self._lock:
            return {name: network.address for name, network in self._pods.items()}

    def enter(self, namespace: str) -> list[str]:
        """What to write before a command to have it run in `namespace`; the command keeps the pid."""
        return ["ip", "netns", "exec", namespace]

    def _join(self) -> IPv4Network:
        """Link host and node. The route to the range claims it: the kernel refuses the same one twice."""
        for pods in _RANGES:
            if _is_reachable(pods):
                continue
            links.batch([f"link add {self._link} type veth peer name host netns {self.namespace}"])
            links.batch([f"link set {self._link} up", f"address add {pods[1]}/32 peer {pods[2]}/32 dev {self._link}"])
            links.batch(["link set lo up", f"address add {pods[2]}/32 dev host", "link set host up",
                         f"route add {pods[1]}/32 dev host src {pods[2]}"], self.namespace)  # fmt: skip
            try:
                links.batch([f"route add {pods} via {pods[2]} dev {self._link} src {pods[1]}"])
            except LabError:
                links.delete_link(self._link)
                continue
            return pods
        raise LabError(f"no free range for the lab's pods between {_RANGES[0]} and {_RANGES[-1]}: stop another lab")

    def _claimed(self) -> IPv4Network:
        for line in links.run("ip", "-4", "route", "list").splitlines():
            target, *rest = line.split()
            if self._link in rest and "/" in target:
                return IPv4Network(target)
        raise LabError(f"no node {self.namespace} is up: start the lab first")

    def _attach(self, pod: str, address: str) -> PodNetwork:
        network = PodNetwork(namespace=f"{self.namespace}.{_slug(pod)}", address=str(IPv4Address(address)))
        link = f"v{int(IPv4Address(address)):08x}"
        links.remove(network.namespace)
        links.make(network.namespace)
        links.write_settings(network.namespace, _POD_SETTINGS)
        links.batch([f"link add {link} type veth peer name eth0 netns {network.namespace}"], self.namespace)
        links.batch(_pod_end(network.address), network.namespace)
        links.batch(_node_end(link, network.address, self.address), self.namespace)
        return network

    def _free(self) -> str:
        """One that a pod just gave back may still be remembered as its, so it is the last to be given again."""
        self._last = next_free(self.pod_range, {network.address for network in self._pods.values()}, self._last)
        return self._last


def next_free(pods: IPv4Network, taken: Container[str], last: str | None) -> str:
    """The first address of a pod after `last`, or from the start, that is not taken; LabError where all are.

    Of the range, the first ten are for host and node, and the last one is its broadcast address.
    """
    first, count = pods[_FIRST_POD], pods.num_addresses - _FIRST_POD - 1
    begin = int(IPv4Address(last)) - int(first) + 1 if last else 0
    for step in range(count):
        candidate = str(first + (begin + step) % count)
        if candidate not in taken:
            return candidate
    raise LabError(f"no free address left in {pods}: use fewer pods")


def _slug(pod: str) -> str:
    return re.sub(r"[^a-z0-9.-]", ".", pod)


def _is_reachable(pods: IPv4Network) -> bool:
    """Whether the host has a route into the range other than its default one."""
    inside = links.run("ip", "-4", "route", "list", "table", "all", "root", str(pods))
    around = links.run("ip", "-4", "route", "list", "table", "all", "match", str(pods))
    return bool(inside.strip() or [line for line in around.splitlines() if not line.startswith("default")])


def _pod_end(address: str) -> list[str]:
    return [
        "link set lo up",
        f"address add {address}/32 dev eth0",
        "link set eth0 up",
        f"route add {_GATEWAY} dev eth0",
        f"route add default via {_GATEWAY} dev eth0",
    ]


def _node_end(link: str, address: str, node: str) -> list[str]:
    return [
        f"address add {_GATEWAY}/32 dev {link}",
        f"link set {link} up",
        f"route add {address}/32 dev {link} src {node}",
    ]
