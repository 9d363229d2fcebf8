"""An embedded Pulumi engine: preview, up, destroy and refresh without the Pulumi CLI."""
