"""Lists of tracks that people keep."""
