"""The pictures of people without a photo, drawn from a digest. Pure: the same in, the same out."""
