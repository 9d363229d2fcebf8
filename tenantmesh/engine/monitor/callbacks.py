"""Calls back into the program: transforms run there, behind a server that the SDK opens."""

from collections.abc import Mapping
from threading import Lock
from typing import Any, Final

import grpc
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from tenantmesh.engine import wire
from tenantmesh.engine.monitor.request import Message, Options
from tenantmesh.engine.values import Properties
from tenantmesh.errors import ProgramError

CHANNEL_OPTIONS: Final = [("grpc.max_receive_message_length", 1024 * 1024 * 400)]
"""As large as the SDK's own limit (pulumi/runtime/_grpc_settings.py)."""


class Callbacks:
    """Connections to the program's callback servers, one a server."""

    def __init__(self) -> None:
        self._channels: dict[str, Any] = {}
        self._lock = Lock()

    def transform(
        self,
        callback: Message,
        identity: Message,
        properties: Properties,
        dependencies: Mapping[str, wire.Dependencies],
        options: Options,
    ) -> tuple[Properties, dict[str, wire.Dependencies], Options]:
        """Properties, their dependencies and options as a transform of the program wants them."""
        request = resource_pb2.TransformRequest(
            type=identity.type,
            name=identity.name,
            custom=identity.custom,
            parent=identity.parent,
            properties=wire.Encoder().outputs(properties, dependencies),
            options=options.to_message(),
        )
        response = resource_pb2.TransformResponse.FromString(self._invoke(callback, request))
        if response.HasField("options"):
            options = Options.of_message(response.options)
        if not response.HasField("properties"):
            return properties, dict(dependencies), options
        # Python's SDK sends plain values back, which don't say any more what they depend on.
        found = {key: set(dependencies.get(key, ())) for key in response.properties.fields}
        return wire.decode(response.properties, found), found, options

    def transform_invoke(
        self, callback: Message, token: str, arguments: Properties, options: Message
    ) -> tuple[Properties, Message]:
        """Arguments and options of a function call as a transform of the program wants them."""
        request = resource_pb2.TransformInvokeRequest(
            token=token, args=wire.Encoder().encode(arguments), options=options
        )
        response = resource_pb2.TransformInvokeResponse.FromString(self._invoke(callback, request))
        if response.HasField("args"):
            arguments = wire.decode(response.args)
        return arguments, response.options if response.HasField("options") else options

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for channel in self._channels.values():
                channel.close()
            self._channels.clear()

    def _invoke(self, callback: Message, request: Message) -> bytes:
        call = callback_pb2.CallbackInvokeRequest(token=callback.token, request=request.SerializeToString())
        try:
            return callback_pb2_grpc.CallbacksStub(self._channel(callback.target)).Invoke(call).response
        except grpc.RpcError as error:
            details = getattr(error, "details", error.__str__)()
            raise ProgramError(f"a transform of the program failed: {details}") from error

    def _channel(self, target: str) -> Any:
        with self._lock:
            if target not in self._channels:
                self._channels[target] = grpc.insecure_channel(target, options=CHANNEL_OPTIONS)
            return self._channels[target]
