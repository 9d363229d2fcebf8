"""Role-based access control: who may do what with the Kubernetes API, and which of it breaks a fence."""

from tenantmesh.graph.api.bindings import Binding
from tenantmesh.graph.api.held import Held
from tenantmesh.graph.api.layer import ApiLayer
from tenantmesh.graph.api.powers import POWERS, Granted, Power
from tenantmesh.graph.api.roles import RoleRule, Source
from tenantmesh.graph.api.subject import EVERYBODY, Resource, Subject, SubjectKind

__all__ = [
    "EVERYBODY",
    "POWERS",
    "ApiLayer",
    "Binding",
    "Granted",
    "Held",
    "Power",
    "Resource",
    "RoleRule",
    "Source",
    "Subject",
    "SubjectKind",
]
