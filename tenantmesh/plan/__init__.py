"""Pure functions from specs to Kubernetes object bodies."""
