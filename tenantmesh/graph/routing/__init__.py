"""The routing layer: Services, gateways, routes and Sidecars become answers about who is routed to whom."""

from tenantmesh.graph.routing.layer import RoutingLayer

__all__ = ["RoutingLayer"]
