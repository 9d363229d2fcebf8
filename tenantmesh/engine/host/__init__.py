"""What runs inside a program's own interpreter; it needs nothing but the standard library and the Pulumi SDK."""
