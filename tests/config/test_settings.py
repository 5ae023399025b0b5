"""The settings together: what they are without anybody, and how they are told."""

from likeness.config import Config, load, variable
from likeness.config.settings import SUBJECTS


def test_without_anything_set_the_defaults_make_a_local_installation() -> None:
    """An empty environment gives SQLite and a folder, on loopback."""
    config = load({})

    assert config.host == "127.0.0.1"
    assert config.port == 8080
    assert config.database_url.startswith("sqlite:////")
    assert config.database_url.endswith("/likeness-data/likeness.db")
    assert config.blobs_url.startswith("file:///")
    assert config.base_url == "http://127.0.0.1:8080"


def test_every_setting_has_a_help_text_and_a_variable() -> None:
    """What `likeness config` prints is complete."""
    for name, field in Config.model_fields.items():
        assert field.description
        assert variable(name) == f"LIKENESS_{name.upper()}"


def test_every_setting_is_of_one_subject() -> None:
    """And all are shown in the order of the subjects."""
    told = [name for subject in SUBJECTS for name in subject.model_fields]

    assert list(Config.model_fields) == told
