"""`python -m likeness` is the command `likeness`."""

from likeness.cli import main

if __name__ == "__main__":
    main()
