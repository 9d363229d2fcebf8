"""The `random` provider: the resources of pulumi-random, made without a plugin."""

from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers.bridged import BridgedProvider
from tenantmesh.engine.providers.random.types import RESOURCE_TYPES

__all__ = ["RandomProvider"]


class RandomProvider(BridgedProvider):
    """Manages the resources of pulumi-random as its provider over terraform-provider-random 3 does."""

    package = "random"
    distribution = "pulumi-random"

    def __init__(self, ambient: Ambient) -> None:
        super().__init__(ambient, RESOURCE_TYPES)
