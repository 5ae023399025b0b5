"""Which layers there are around a worker, by what its zygote and it reached."""

import subprocess
import sys

from likeness.imaging.sandbox import THREADS_MAX, Layer, walls


def test_a_filter_counts_where_both_have_one() -> None:
    """A zygote without one could be told to do what its workers may not."""
    filtered = (Layer.SECCOMP,)

    assert walls(filtered, (Layer.LIMITS, Layer.SECCOMP)) == (Layer.SECCOMP, Layer.LIMITS)
    assert walls((), (Layer.LIMITS, Layer.SECCOMP)) == (Layer.LIMITS,)
    assert walls((Layer.LANDLOCK, Layer.SECCOMP), ()) == (Layer.LANDLOCK,)


def test_a_lower_limit_stays() -> None:
    """Of threads, where the service has been given fewer."""
    code = (
        "import resource; from likeness.imaging.sandbox import Mode, lock_worker;"
        "resource.setrlimit(resource.RLIMIT_NPROC, ({0}, {0})); lock_worker(Mode.OFF);"
        "print(*resource.getrlimit(resource.RLIMIT_NPROC))"
    )
    for before, expected in ((3000, 3000), (THREADS_MAX + 1, THREADS_MAX)):
        limited = code.format(before)
        run = subprocess.run(
            [sys.executable, "-c", limited], capture_output=True, text=True, check=True
        )
        assert run.stdout.split() == [str(expected)] * 2
