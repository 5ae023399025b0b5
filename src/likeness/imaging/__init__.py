"""Pixels: probing a picture, planning its files, and a sandboxed process that makes them."""
