"""What the server is made of, below any music."""
