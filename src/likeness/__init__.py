"""Likeness: a self-hosted profile-photo service."""
