"""Pictures: probe an upload, plan its files, and have a sandboxed process make them."""
