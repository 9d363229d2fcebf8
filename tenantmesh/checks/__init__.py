"""Rules of isolation: what was meant, held against what the objects let through."""
