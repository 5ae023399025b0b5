"""Jobs of operators on rows and files: check, repair, copy, remake and sweep."""
