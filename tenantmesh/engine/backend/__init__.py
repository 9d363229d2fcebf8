"""Pulumi's file backend: checkpoints, secrets, locks and the journal of a run."""

from tenantmesh.engine.backend.file import FileBackend
from tenantmesh.engine.backend.lock import StaleLockWarning
from tenantmesh.engine.backend.passphrase import Passphrase, Prompt
from tenantmesh.engine.backend.store import Access
from tenantmesh.engine.store import StackStore

__all__ = ["Access", "FileBackend", "Passphrase", "Prompt", "StackStore", "StaleLockWarning"]
