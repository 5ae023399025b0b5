"""Fields of forms as texts."""

from likeness.site.forms import text
from likeness.webapi.form import Form


def test_a_field_is_text_whatever_its_bytes() -> None:
    """An absent one is empty, as one that was left empty."""
    form = Form({"crop": b"centre", "odd": b"\xff"}, None)

    assert ("centre", "\ufffd", "") == (text(form, "crop"), text(form, "odd"), text(form, "no"))
