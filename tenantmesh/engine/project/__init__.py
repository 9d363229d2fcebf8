"""A Pulumi project on disk, and the configuration of its stacks."""
