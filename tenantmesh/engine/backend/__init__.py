"""Pulumi's file backend: checkpoints, secrets, locks and the journal of a run."""
