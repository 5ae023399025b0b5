"""Keys of uploaded files."""

from likeness.blobs.keys import is_key
from likeness.imports.uploading import LIFE
from likeness.upkeep.listing import _STAGED
from likeness.upkeep.orphans import ORPHAN_GRACE
from likeness.uploads import PIECE_LENGTH, piece_key


def test_pieces_are_listed_like_prepared_pictures() -> None:
    """So that one that nobody knows is swept, and none that is used."""
    key = piece_key("0123456789abcdef" * 2, 2**16 - 1)

    assert is_key(key)
    assert _STAGED.fullmatch(key)
    assert LIFE < ORPHAN_GRACE


def test_the_longest_file_has_pieces_enough() -> None:
    """20 GiB, which is the most that can be set."""
    assert 2**16 * PIECE_LENGTH > 20 * 2**30
