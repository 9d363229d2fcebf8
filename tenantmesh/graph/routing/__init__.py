"""The routing layer: Services, gateways, routes and Sidecars become answers about who is routed to whom."""

from tenantmesh.graph.routing.dangling import Dangling
from tenantmesh.graph.routing.layer import RoutingLayer
from tenantmesh.graph.routing.resolve import Arrival, Route

__all__ = ["Arrival", "Dangling", "Route", "RoutingLayer"]
