"""Pulumi components that give each tenant of a shared Kubernetes cluster a mesh of its own."""
