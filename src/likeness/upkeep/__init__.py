"""The operator's jobs on rows and files: compare, mend, move, make anew, and sweep away."""
