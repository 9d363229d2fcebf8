"""The complete, frozen description of meshes and tenants: defaults, names and labels."""
