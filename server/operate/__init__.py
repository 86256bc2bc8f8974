"""What an operator does to a whole installation: `backups` keeps it and brings it back, `checks` looks at it."""
