"""Tenants that are alike: found by their texts, proven once in a sample, and what follows for the others."""
