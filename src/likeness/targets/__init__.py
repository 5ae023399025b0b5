"""Programs elsewhere that show our photos, one module for each kind.

`port.py` is what a kind fulfils, `kinds.py` the list of them. A kind knows no database and no other
kind: it is given a person and a picture, and says what became of it.
"""
