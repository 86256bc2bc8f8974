"""What music there is: scanned, identified, looked up."""
