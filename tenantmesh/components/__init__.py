"""The Pulumi components that users construct."""
