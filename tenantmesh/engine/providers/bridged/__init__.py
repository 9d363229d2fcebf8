"""Providers that behave like Pulumi's bridges over Terraform providers, described by tables."""

from tenantmesh.engine.providers.bridged.provider import BridgedProvider
from tenantmesh.engine.providers.bridged.schema import Field, Kind, ResourceType, Role

__all__ = ["BridgedProvider", "Field", "Kind", "ResourceType", "Role"]
