"""What one set of objects changes against another, by proofs, objects and fields."""
