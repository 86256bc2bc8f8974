"""Pages and JSON for browsers and scripts: only what Subsonic cannot say."""
