"""Font files: each is the one that is known, or it is not opened, and a sentence says why."""

import base64
import lzma
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from likeness.imaging.portraits import typefaces
from likeness.imaging.portraits.typefaces import BY_SCRIPT, FontFile, Package, load_all, source

EVERY = sorted({file for files in BY_SCRIPT.values() for file in files})
FONT = b"as good as a font"
PACKED = b"import nothing_of_this\nfontbuffer = decompress(\n    b'%s'\n    b'%s'\n    ))\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """One that Python finds, with two files; its own code would end the test."""
    name = f"odd_{tmp_path.name}"  # Another one each time, since what was found is remembered.
    home = tmp_path / name
    (home / "inner").mkdir(parents=True)
    (home / "__init__.py").write_text("raise SystemExit('code of a package of fonts was run')")
    (home / "inner/plain.ttf").write_bytes(FONT)
    text = base64.b64encode(lzma.compress(FONT))
    (home / "inner/packed.py").write_bytes(PACKED % (text[:40], text[40:]))
    monkeypatch.syspath_prepend(tmp_path)
    return Package(name, "inner", "odd-fonts")


def known(package: Package, name: str, path: Path) -> FontFile:
    """A file as it stands in the table."""
    return FontFile(package, name, sha256(path.read_bytes()).hexdigest())


@pytest.mark.parametrize("file", EVERY, ids=lambda file: file.name)
def test_every_file_of_the_table_is_the_one_that_is_known(file: FontFile) -> None:
    """As the pinned versions of the packages have it."""
    assert source(file)


def test_a_file_is_given_as_it_is_and_a_packed_one_unpacked(
    package: Package, tmp_path: Path
) -> None:
    """No code of the package is run for either."""
    inner = tmp_path / package.name / "inner"
    files = [known(package, name, inner / name) for name in ("plain.ttf", "packed.py")]

    assert load_all({"Latin": files}) == []
    assert [bytes(source(file) or b"") for file in files] == [FONT, FONT]
    assert package.name not in sys.modules


def test_a_font_needs_no_file_once_it_is_loaded(package: Package, tmp_path: Path) -> None:
    """Behind the walls none can be opened."""
    path = tmp_path / package.name / "inner/plain.ttf"
    file = known(package, path.name, path)
    load_all({"Latin": [file]})
    path.unlink()

    assert bytes(source(file) or b"") == FONT


def test_another_file_is_not_opened_and_told(package: Package, tmp_path: Path) -> None:
    """What it is, what it should be, and what to do; once, whatever scripts it is for."""
    path = tmp_path / package.name / "inner/plain.ttf"
    file = known(package, path.name, path)
    path.write_bytes(FONT + b"!")
    changed = sha256(FONT + b"!").hexdigest()

    [told] = load_all({"Latin": [file], "Thai": [file]})
    assert all(each in told for each in (str(path), changed, file.sha256, "reinstall odd-fonts"))
    assert source(file) is None


@pytest.mark.parametrize("name", ["gone.ttf", "empty.ttf"])
def test_a_file_that_is_missing_or_empty_is_told(
    package: Package, tmp_path: Path, name: str
) -> None:
    """A newer version of the package may name it differently."""
    (tmp_path / package.name / "inner/empty.ttf").touch()
    file = FontFile(package, name, "0" * 64)

    [told] = load_all({"Latin": [file]})
    assert name in told
    assert "reinstall odd-fonts" in told
    assert source(file) is None


@pytest.mark.parametrize("name", ["no_such_fonts", "this"])
def test_a_package_that_is_missing_is_no_trouble(name: str) -> None:
    """Most installations have no extra. A module is no package either."""
    file = FontFile(Package(name, "", "likeness-avatars[fonts]"), "one.ttf", "0" * 64)

    assert load_all({"Latin": [file]}) == []
    assert source(file) is None


def test_a_python_without_lzma_starts_all_the_same(
    package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Builds of it are common where people compile their own."""
    path = tmp_path / package.name / "inner/packed.py"
    monkeypatch.setitem(sys.modules, "lzma", None)

    [told] = load_all({"Latin": [known(package, path.name, path)]})
    assert "lzma" in told


def test_the_table_says_whole_digests_and_no_file_twice() -> None:
    """64 hex digits each."""
    assert all(len(bytes.fromhex(file.sha256)) == 32 for file in EVERY)
    assert len({(file.package, file.name) for file in EVERY}) == len(EVERY)
    assert {file.package for file in EVERY} == {typefaces.ALWAYS, typefaces.SCRIPTS}
