"""Routes that serve photos by URL: read-only, public and quick."""
