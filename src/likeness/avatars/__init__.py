"""Photos by URL: reading only, public, and quick."""
