"""Settings of a directory: which need each other, and what cannot be."""

from datetime import timedelta
from pathlib import Path

import pytest

from likeness.config import load
from likeness.errors import UnusableSettings

WHOLE = {
    "LIKENESS_LDAP_URL": "ldaps://ldap.example.org",
    "LIKENESS_LDAP_BASE": "dc=example,dc=org",
    "LIKENESS_LDAP_BIND_DN": "cn=reader,dc=example,dc=org",
    "LIKENESS_LDAP_BIND_PASSWORD": "a secret",
}


def test_a_directory_is_named_and_its_password_is_not_shown() -> None:
    config = load(WHOLE)
    assert config.ldap_photo == ("thumbnailPhoto", "jpegPhoto")
    assert (config.ldap_filter, config.ldap_every) == ("(mail=*)", timedelta(hours=1))
    assert "a secret" not in repr(config)


def test_a_password_may_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("from a file\n")
    whole = {key: value for key, value in WHOLE.items() if "PASSWORD" not in key}
    config = load(whole | {"LIKENESS_LDAP_BIND_PASSWORD_FILE": str(path)})
    assert config.ldap_bind_password.get_secret_value() == "from a file"


def test_the_file_of_an_authority_is_a_path_and_is_not_read_for_another_setting() -> None:
    """Its name ends as those of files that hold the value of a setting."""
    assert load(WHOLE | {"LIKENESS_LDAP_CA_FILE": "/etc/ca.pem"}).ldap_ca_file == "/etc/ca.pem"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"LIKENESS_LDAP_BASE": ""}, "LIKENESS_LDAP_URL is set"),
        ({"LIKENESS_LDAP_BIND_PASSWORD": ""}, "takes whoever signs in for a stranger"),
        ({"LIKENESS_LDAP_BIND_DN": ""}, "LIKENESS_LDAP_BIND_DN, which is not set"),
        ({"LIKENESS_LDAP_URL": "ldap.example.org"}, "must begin with ldaps://"),
        ({"LIKENESS_LDAP_FILTER": "mail=*"}, "a filter in parentheses"),
        ({"LIKENESS_LDAP_PHOTO": "jpegPhoto,(x"}, "names of attributes"),
        ({"LIKENESS_LDAP_EVERY": "10s"}, "LIKENESS_LDAP_EVERY"),
    ],
)
def test_what_cannot_be_is_told_by_its_name(change: dict[str, str], words: str) -> None:
    with pytest.raises(UnusableSettings, match=words):
        load(WHOLE | change)


def test_a_filter_is_taken_as_it_stands() -> None:
    """With a directory, or while there is none."""
    for url in ("ldaps://ldap.example.org", ""):
        whole = WHOLE | {"LIKENESS_LDAP_URL": url, "LIKENESS_LDAP_FILTER": "(uid=*)"}
        assert load(whole).ldap_filter == "(uid=*)"


def test_no_photo_attributes_are_none() -> None:
    assert load(WHOLE | {"LIKENESS_LDAP_PHOTO": ""}).ldap_photo == ()
