"""What the page about stores says is done, with a real one."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.ceph import Ceph
from support.docs import example
from support.live import LiveServer
from support.stores import Store

PAGE = "docs/storage.md"


@pytest.mark.slow
def test_a_bucket_is_set_up_as_the_page_says(
    tmp_path: Path, store_of: Callable[[str], Store]
) -> None:
    """By the variables of Amazon's tools; the doctor finds nothing wrong."""
    store = store_of("ceph")
    assert isinstance(store, Ceph)
    bucket = urlsplit(store.new_bucket())
    script = example("s3", PAGE)
    for text, here in (
        ("s3://photos/likeness", f"s3://{bucket.netloc}{bucket.path}"),
        ("https://s3.example.org", store.door.endpoint),
        ("ACCESS_KEY_ID=likeness", f"ACCESS_KEY_ID={store.environment['AWS_ACCESS_KEY_ID']}"),
        ("=a-secret", f"={store.environment['AWS_SECRET_ACCESS_KEY']}"),
    ):
        assert text in script
        script = script.replace(text, here)

    run = subprocess.run(
        ["bash", "-euc", script],
        env={**os.environ, **LiveServer(tmp_path).environment},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert f"ok   photo store: s3://{bucket.netloc}" in run.stdout
