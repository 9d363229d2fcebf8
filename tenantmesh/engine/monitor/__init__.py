"""What a program talks to: the resource monitor, and how what it says becomes goals."""
