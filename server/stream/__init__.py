"""How a track travels to a listener."""
