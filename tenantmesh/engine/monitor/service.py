"""Serves the monitor over gRPC on the loopback interface, for a program in another process."""

from collections.abc import Callable
from types import TracebackType
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2_grpc, resource_pb2_grpc

from tenantmesh.engine.monitor.callbacks import CHANNEL_OPTIONS
from tenantmesh.engine.monitor.monitor import Monitor, RefusedError, guarded
from tenantmesh.engine.monitor.request import Message
from tenantmesh.engine.steps.workers import Workers


class Service:
    """Both of the monitor's services on one free port; a context manager."""

    def __init__(self, monitor: Monitor, parallel: int) -> None:
        # The SDK has four calls in the air for each parallel operation; one that waits must not block the others.
        self._workers = Workers(parallel * 4 + 8, "monitor")
        pool: Any = self._workers
        self._server: Any = grpc.server(pool, options=CHANNEL_OPTIONS)
        servicer: Any = _Servicer(monitor)
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(servicer, self._server)
        engine_pb2_grpc.add_EngineServicer_to_server(servicer, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> "Service":
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop(grace=None)
        self._workers.shutdown(wait=False)


class _Servicer:
    """Gives each method of the services the form that gRPC wants."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor

    def __getattr__(self, name: str) -> Callable[[Message, Any], Message]:
        method = getattr(self._monitor, name, None)
        if method is None:
            return _unimplemented
        call = guarded(method)

        def serve(request: Message, context: Any) -> Message:
            try:
                return call(request)
            except RefusedError as error:
                return context.abort(error.code(), error.details())

        return serve


def _unimplemented(_request: Message, context: Any) -> Message:
    return context.abort(grpc.StatusCode.UNIMPLEMENTED, "this engine has no such method")
