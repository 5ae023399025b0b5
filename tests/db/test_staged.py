"""Prepared pictures as rows; what every database must do with them is a contract."""

import pytest
from sqlalchemy.exc import IntegrityError

from likeness.db import Database
from support.rows import staged


def test_a_prepared_picture_is_added_once_and_for_somebody(peopled: Database) -> None:
    """The database itself refuses two of a name, and one of nobody."""
    peopled.add_staged(staged())

    with pytest.raises(IntegrityError, match="UNIQUE"):
        peopled.add_staged(staged())
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        peopled.add_staged(staged(2, user_id="U9999999999"))
