"""Pixels: what a picture is, what to make of it, and a walled-in process that makes it."""
