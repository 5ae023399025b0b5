"""Write the versions of everything into `[tool.uv] constraint-dependencies` of pyproject.toml.

Run it with `python docs/pins.py` after an upgrade that passed all tests. It takes what uv resolved,
since `uv.lock` itself writes the addresses of a registry and stays out of the repository.
"""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
BEGIN = "[tool.uv]\nconstraint-dependencies = [\n"
END = "]\n"


def resolved() -> list[str]:
    """Every package with its version, in all groups, as `name==version` with its markers."""
    command = ["uv", "export", "--all-groups", "--no-emit-project", "--no-hashes", "--no-header"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    lines = [line for line in listing.splitlines() if "==" in line and line[0].isalnum()]
    return sorted(line.strip().replace('"', "'") for line in lines)


def main() -> None:
    """Replace the list, which is the last table of the file."""
    path = ROOT / "pyproject.toml"
    head, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    pins = "".join(f'    "{pin}",\n' for pin in resolved())
    path.write_text(f"{head}{BEGIN}{pins}{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
