"""The providers that the embedded engine brings."""
