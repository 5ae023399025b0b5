"""Letters: a server and who writes go together, and no mistake tells the password."""

import pytest

from likeness.config import load
from likeness.errors import UnusableSettings

URL = "smtp://photos:open-sesame@mail.example.org"


def test_a_server_needs_somebody_who_writes() -> None:
    with pytest.raises(UnusableSettings, match=r"LIKENESS_MAIL_FROM: .*LIKENESS_SMTP_URL"):
        load({"LIKENESS_SMTP_URL": URL})

    config = load({"LIKENESS_SMTP_URL": URL, "LIKENESS_MAIL_FROM": "Photos@example.org"})
    assert config.mail_from == "photos@example.org"
    assert "open-sesame" not in repr(config)
    assert not load({}).smtp_url.get_secret_value()


@pytest.mark.parametrize(
    ("name", "text"),
    [("SMTP_URL", "http://x:open-sesame@y"), ("MAIL_FROM", "Likeness"), ("CONTACT", "x" * 201)],
)
def test_what_cannot_be_is_named(name: str, text: str) -> None:
    """By its variable."""
    with pytest.raises(UnusableSettings, match=f"LIKENESS_{name}: ") as caught:
        load({f"LIKENESS_{name}": text})

    assert "open-sesame" not in str(caught.value)


def test_an_empty_address_of_a_server_is_none() -> None:
    """As in an environment file, where a setting without a value is one that nobody chose."""
    assert load({"LIKENESS_SMTP_URL": "", "LIKENESS_MAIL_FROM": ""}) == load({})
