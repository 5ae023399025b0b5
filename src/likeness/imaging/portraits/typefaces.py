"""The font files that initials may be drawn in, each by its SHA-256, and how one is had.

None of them is ours. So a file is opened only if it is, byte for byte, the one that was looked at
when its line was written here, and FreeType reads it behind the walls, where no file can be opened:
all of them are in memory before the walls are up. No code of a package that ships fonts is run; its
files are found and read. See decision 32.
"""

import base64
import mmap
import re
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

FontData = bytes | mmap.mmap
"""A font that was unpacked, or a file that every process shares."""

_PACKED: Final = ".py"
"""Files of this kind hold a font as Python source: LZMA in base64, in literals of bytes."""

_LITERAL: Final = re.compile(rb"b'([A-Za-z0-9+/=]*)'")


class Package(NamedTuple):
    """A package that ships fonts: its name in Python, where they are in it, what to install."""

    name: str
    folder: str
    install: str


class FontFile(NamedTuple):
    """A file of a package, and the SHA-256 that it must have, in hex."""

    package: Package
    name: str
    sha256: str


ALWAYS: Final = Package("pymupdf_fonts", "", "pymupdf-fonts")
SCRIPTS: Final = Package(
    "pretix_fontpackfree", "static/pretix_fontpackfree", "likeness-avatars[scripts]"
)

_NOTO: Final = FontFile(
    ALWAYS,
    "NotoSans_Bold.py",
    "747b264b366c688b47b853cab5877407b91694548a29653a32683ec3c2d35c37",
)
_FIRA: Final = FontFile(
    ALWAYS,
    "FiraGO_Bold.py",
    "ef251a2fd925527cae5e94f022102c7aa1c420cc23f9bc41bf19ac6a8900de4f",
)
_DEJAVU: Final = FontFile(
    SCRIPTS,
    "DejaVuSans-Bold-webfont.ttf",
    "04ffa0f039efa3b2112502731345f0270ed7a40927b8ed470f7348a5ff47f88b",
)
_NOTO_SCRIPTS: Final = {
    "Adlam_v27": "4f9cb62d2558ea7aae96b0b5381a5a9883387a03aa01a1edd5dd255943b7fb19",
    "Arabic_v33": "a86a704ff8b315082f4859b04c2f8f746f4cefb14553ef10505f143e0d4829d3",
    "Armenian_v47": "beaf0d8d52a118d108a9e4502d3f3fbbcd0ed78e26bcc00d9d80932c342b934a",
    "Bengali_v33": "3a44a4cf2c4f79c3ead8f52dffd5b3a66f0b2483792d66bad81e1a51e888bfd6",
    "Cherokee_v25": "d53520c925a0e02df2dd0e9950c575988c5d0af9af3efe0f535fc6a1b71e6639",
    "Ethiopic_v50": "b968f7d5c79d6caaff5e29031b1598555f4b154de7456dd51b7c866f90d37597",
    "Georgian_v48": "4570253cfb7d734286d56ab3ecff6e4ef2cfe9d77c37dc9e739360da89dccc15",
    "Gujarati_v27": "d5aee2fbe1dec84e8e54ec72dfda1d138f1401ddf18f06bbd11ea8b64f8b45b2",
    "Gurmukhi_v29": "49b4d13ee80c9ba8ae008948b43dc53f200f619d8bc206cacaddb6b781c49625",
    "JP_v56": "c5b7b9d6a6eb682b0d4e6bbb38509575fd2759a28f147daa74714d1359a7909e",
    "KR_v39": "4ffa20c272ae6d689f7c8d34ff9c8039a326e9c334d9fc8852b2a7396227d077",
    "Kannada_v32": "bba4d58d9d5a58834c4bca50cf3b00cc230b05341566cf08961e632ef5c6ab75",
    "Khmer_v29": "c72f01526f03b16b64a355cc898605c950c0c5bdcef6d00974a8e753358d3a8e",
    "Lao_v33": "6d666b31ab236a835eb53db8ea00f15aa026b3f7c80c313312629ad105377f7b",
    "Malayalam_v29": "3b717223c3d06ed724acce05d87ac40bb63d4bec5fdba282cbecc5b1f57c05da",
    "Myanmar_v27": "e8c0650bd16c279dc64b7baabb33fd5b0266e4ef8005fe36fd8122dcc43dba18",
    "Oriya_v35": "19416e5e9f4bcf208960e43ba1e3c41564de632d06001c4a176bde0e8ac923dd",
    "SC_v40": "9a38ae0ab28cd5a256f9ea8e00dedc688aac17f7915fcb000572990afa956b96",
    "Sinhala_v36": "69b79ed8e643a86cf3b72e971bfdc745b1d211e0c90e8afe1f9341306a950d6e",
    "TC_v39": "ed4ae6ed781e34d0beee896e9be5d835a938ac7adabbcc1b6b6904290006f372",
    "Tamil_v31": "c4abfe6f1291568247afb568fe6a666584f9bf7c91f7e163fd628abb368af316",
    "Telugu_v30": "25f2402bfa537c74c5c555452ad2a3289caf5925efeabc116ac4b90469b42a6a",
}
"""Files of SCRIPTS, each for one script or region, by its name and version."""

PLAIN: Final[Mapping[str, Sequence[FontFile]]] = {
    "Latin": [_NOTO],
    "Hebrew": [_FIRA],
    "Arabic": [_FIRA],
    "Devanagari": [_FIRA],
    "Thai": [_FIRA],
    "Georgian": [_FIRA],
}
"""The files that every installation has, by script. "Latin" stands for all scripts that have no
line of their own: for Greek and Cyrillic, too, and whatever else its files happen to have."""

_BY_REGION: Final = {
    name.partition("_")[0]: FontFile(SCRIPTS, f"Noto-Sans-{name}_bold.ttf", digest)
    for name, digest in _NOTO_SCRIPTS.items()
}
_REGIONS: Final = ("JP", "KR", "SC", "TC")
"""Of Han letters, which have their Japanese form where there is one."""

_EXTRA: Final[Mapping[str, Sequence[FontFile]]] = {
    "Latin": [_DEJAVU],
    "CJK": [_BY_REGION[region] for region in _REGIONS],
    **{script: [file] for script, file in _BY_REGION.items() if script not in _REGIONS},
}

BY_SCRIPT: Final[Mapping[str, Sequence[FontFile]]] = {
    script: [*PLAIN.get(script, ()), *_EXTRA.get(script, ())] for script in {**PLAIN, **_EXTRA}
}
"""All files that there can be, the one that is liked best first."""


class FontError(Exception):
    """A font file is missing although its package is there, or it is not the one that is known."""


def load_all(typefaces: Mapping[str, Sequence[FontFile]] = BY_SCRIPT) -> list[str]:
    """Have all font files in memory; gives a sentence for each that is there but not opened."""
    files = dict.fromkeys(file for files in typefaces.values() for file in files)
    loaded = [_loaded(file) for file in files]
    return [str(each) for each in loaded if isinstance(each, FontError)]


def source(file: FontFile) -> FontData | None:
    """The bytes of a font file if it has the SHA-256 that is known; None for any other."""
    loaded = _loaded(file)
    return None if isinstance(loaded, FontError) else loaded


@cache
def _loaded(file: FontFile) -> FontData | FontError | None:
    """None where the package is not installed, which is no trouble: SCRIPTS is an extra."""
    folder = _folder(file.package)
    if folder is None:
        return None
    path = folder / file.package.folder / file.name
    try:
        return _checked(path, file)
    except (OSError, ValueError, ImportError) as error:
        return FontError(
            f"the font {path} is not opened ({error}): reinstall {file.package.install}"
        )


def _folder(package: Package) -> Path | None:
    """Where a package is, without running any of it."""
    spec = find_spec(package.name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def _checked(path: Path, file: FontFile) -> FontData:
    """Raises OSError, ValueError for another file or an empty one, ImportError without lzma."""
    with path.open("rb") as opened:
        data = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    found = sha256(data).hexdigest()
    if found != file.sha256:
        raise ValueError(f"its SHA-256 is {found}, not {file.sha256}")
    return _unpacked(data) if path.suffix == _PACKED else data


def _unpacked(data: mmap.mmap) -> bytes:
    # Some builds of Python are without it, and they are to start all the same.
    import lzma  # noqa: PLC0415 - see above.

    return lzma.decompress(base64.b64decode(b"".join(_LITERAL.findall(data))))
