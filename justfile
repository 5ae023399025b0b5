# `just` lists these. Each is one line, so that it can be typed by hand as well.

default:
    @just --list

# Make the environment, with everything that tests and benchmarks need.
setup:
    uv sync --group bench

# The quick tests: three minutes on two cores.
test *ARGS:
    uv run pytest {{ARGS}}

# The tests that kill processes, upload thousands of pictures, or wait for deadlines.
slow:
    uv run pytest -n 0 -m slow

# Damaged pictures and requests for an hour; CI does it for some seconds.
fuzz SECONDS="3600":
    FUZZ_SECONDS={{SECONDS}} uv run pytest -n 0 -s -m slow tests/hostile/test_fuzz.py

# Everything a reviewer would ask for before reading.
check:
    uv run ruff check .
    uv run ruff format --check .
    uv run mypy
    uv run codespell
    uv run lint-imports
    uv run python docs/generate.py --check
    uv run python docs/pins.py --check

# Mend what can be mended by a program.
fix:
    uv run ruff check --fix .
    uv run ruff format .
    uv run python docs/generate.py

# Write down what is installed, by version and SHA-256, after a change of dependencies.
pins:
    uv run python docs/pins.py

# Run the service from this checkout.
serve *ARGS:
    uv run likeness serve {{ARGS}}

# Print what the README claims about speed.
bench *ARGS:
    uv run --group bench python benchmarks/uploads.py {{ARGS}}

# The figures of CONTRIBUTING: starts, one test file, the room that the service takes; `--suite` for all quick tests.
figures *ARGS:
    uv run python benchmarks/figures.py {{ARGS}}

# Everything that CI does, on this machine.
ci:
    bash .ci/run
