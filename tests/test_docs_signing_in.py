"""The settings that docs/signing-in.md shows can be used as they stand, and mean what it says."""

from pathlib import Path
from typing import Final

import pytest

from likeness.config import load
from support.docs import blocks, page

PAGE: Final = "docs/signing-in.md"


def settings(block: str, folder: Path) -> dict[str, str]:
    """The variables of a block, with its secret in a file that is there."""
    secret = folder / "oidc"
    secret.write_text("a secret\n")
    pairs = dict(line.split("=", 1) for line in block.strip().splitlines())
    return pairs | {name: str(secret) for name in pairs if name.endswith("_FILE")}


@pytest.mark.parametrize("block", blocks("ini", PAGE))
def test_the_settings_of_the_page_can_be_used(block: str, tmp_path: Path) -> None:
    """Each block alone is enough for what stands above it."""
    config = load(settings(block, tmp_path))

    assert bool(config.oidc_issuer) != bool(config.proxy_user_header)
    if config.oidc_issuer:
        assert config.oidc_client_secret.get_secret_value() == "a secret"
    if config.sign_in_workspaces:
        assert config.workspaces == {"example.org": "Acme"}


def test_the_page_names_the_redirect_address_that_is_served() -> None:
    """It is what providers are given."""
    assert "`/sign-in/oidc/callback`" in page(PAGE)
