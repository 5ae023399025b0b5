"""The pictures of people without a photo, drawn from a digest. Pure: the same in, the same out.

`drawn.py` draws them all, in a picture worker; each style has a file of its own, all of which draw
on `canvas.py` in tones that `palette.py` colours. `letters.py` decides what stands for a name,
`file_formats.py` makes another file of the PNG. `plain.py` has those on which nothing is drawn;
they cost so little that they are made where they are needed.
"""
