"""What users write, and how it is parsed into specs."""
