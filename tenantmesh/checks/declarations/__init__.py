"""What tenants, and an intent file beside them, say of themselves: read, paired, and told apart from what is."""
