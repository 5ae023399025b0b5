"""Letters by e-mail: what one is, and the server that takes them on."""
