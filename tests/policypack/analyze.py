"""Run by the policy environment's Python: shows a stack to a served policy pack over gRPC, as Pulumi's engine does."""

import json
import subprocess
import sys

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc


def main():
    asked = json.load(sys.stdin)
    command = [sys.executable, "-m", "pulumi.policy", "127.0.0.1:1", asked["pack"]]
    server = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        port = int(server.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            analyzer = analyzer_pb2_grpc.AnalyzerStub(channel)
            told = {"levels": _levels(analyzer), "stacks": [_violations(analyzer, one) for one in asked["stacks"]]}
    finally:
        server.kill()
        server.wait()
    json.dump(told, sys.stdout)


def _levels(analyzer):
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty())
    return {one.name: analyzer_pb2.EnforcementLevel.Name(one.enforcementLevel) for one in info.policies}


def _violations(analyzer, resources):
    shown = [
        analyzer_pb2.AnalyzerResource(
            type=one["type"],
            urn=one["urn"],
            name=one["urn"].rpartition("::")[2],
            properties=json_format.ParseDict(one["properties"], struct_pb2.Struct()),
        )
        for one in resources
    ]
    response = analyzer.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=shown), timeout=300)
    return [
        {"policy": one.policyName, "urn": one.urn, "message": one.message, "level": one.enforcementLevel}
        for one in response.diagnostics
    ]


main()
