"""What the prover says, in the same order as the oracles."""

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Endpoint, Outside, Request
from tenantmesh.graph.network import NetworkLayer
from tenantmesh.graph.verdict import Answer
from tests.oracles.sample import End, Question, Sample

_CHARACTERS = {Answer.ALLOWED: "1", Answer.DENIED: "0", Answer.UNPROVEN: "?"}


class Ours:
    """The network layer of one cluster."""

    def __init__(self, sample: Sample) -> None:
        cluster = Cluster(sample.manifest)
        self._layer = NetworkLayer(cluster)
        pods = {(one.namespace, one.name): one for some in cluster.workloads.values() for one in some}
        self._ends = {end.address: self._endpoint(end, pods) for end in sample.ends}

    @staticmethod
    def _endpoint(end: End, pods: dict) -> Endpoint:
        return pods[end.namespace, end.name] if end.namespace else Outside(address=end.address)

    def answer(self, question: Question) -> str:
        """The character of an oracle's table, or "?" where the prover could not decide."""
        source, destination = self._ends[question.source.address], self._ends[question.destination.address]
        request = Request(port=question.port.number, protocol=question.port.protocol)
        return _CHARACTERS[self._layer.verdict(source, destination, request).answer]
