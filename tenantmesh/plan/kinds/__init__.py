"""TypedDicts of the custom kinds, generated from their CustomResourceDefinitions: one module a group."""
