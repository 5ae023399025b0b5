"""Imports of people and photos from files: a folder, a zip, a CSV or an LDIF.

Reading never guesses: what cannot be understood is told as the fault of its row, and what nobody
could use at all is a `Mistake`. `sources.py` opens a path, `matching.py` says who is meant.
"""
