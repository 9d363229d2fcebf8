"""What is done for each goal: planned step by step, called at the provider, and written down."""
