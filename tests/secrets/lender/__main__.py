"""Lends secrets to another stack by its outputs."""

import pulumi

config = pulumi.Config()
pulumi.export("password", config.require_secret("password"))
pulumi.export("nested", {"list": ["open", config.require_secret("password")], "open": 1})
