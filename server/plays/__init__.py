"""What was heard and marked, per person."""
