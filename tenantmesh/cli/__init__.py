"""The command line: one module a verb, each of which parses, calls, prints and gives an exit code."""

from tenantmesh.cli.app import main

__all__ = ["main"]
