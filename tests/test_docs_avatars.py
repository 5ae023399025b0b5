"""What the pages about photos by hash show is done: commands, settings, templates and HTML."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import dns.rdatatype
import pytest

from likeness.avatars.gravatar import _STYLES
from likeness.config import CONFIG_FILE, Config, variable
from support.docs import RECIPES, ROOT, SOMEWHERE, blocks, example, here, page
from support.live import LiveServer, add_person
from support.names import serving
from support.pictures import opened
from support.reading import fetch
from support.sitter import Sitter, md5_of, sha256_of, sit

ADA: Final = "ada@example.org"
PAGES: Final = ("docs/gravatar.md", "docs/federation.md", "docs/signing-in.md")
"""Those whose shell lines are run from top to bottom."""

NEEDS_NGINX: Final = ("oauth2", "docs/signing-in.md")
"""The example that changes the nginx of a machine; tests/test_docs_signing_in.py runs it."""

OTHER_SHELLS: Final = {
    *("README.md", "CONTRIBUTING.md", "docs/backup.md", "docs/moving.md"),
    *("docs/storage.md", "docs/deploying.md", "docs/upgrading.md", "docs/troubleshooting.md"),
    *("docs/people.md", "docs/privacy.md", "docs/importing.md", "docs/providers.md"),
    *("docs/ldap.md", "docs/scim.md", "docs/targets.md"),
    "docs/reference/commands.md",
}
"""Their lines are run by tests/test_docs.py, by CI and by tests named after the pages."""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with nobody but Ada, of whom the pages speak."""
    with LiveServer(tmp_path_factory.mktemp("docs") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def ada(live: LiveServer) -> Sitter:
    """Ada, with a photo."""
    return sit(live, add_person(live, ADA))


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_the_shell_lines_of_a_page_run(
    name: str, live: LiveServer, ada: Sitter, tmp_path: Path
) -> None:
    """In one shell, in their order; the first that fails ends it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    lines = "".join(blocks("sh", name)).replace(example(*NEEDS_NGINX), "")

    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", here(lines, live.url)],
        cwd=tmp_path,
        env=live.environment | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    for saved in tmp_path.glob("*.jpg"):
        assert ada.is_in(saved.read_bytes(), 96)
    if "curl -f -I" in page(name):
        assert "content-type: image/jpeg" in run.stdout.lower()


def test_no_page_has_shell_lines_that_nothing_runs() -> None:
    """A new page is added to one list or the other."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    found = {path.relative_to(ROOT).as_posix() for path in pages if "```sh\n" in path.read_text()}

    known = {*PAGES} | OTHER_SHELLS
    assert found - known == set(), (
        "run its shell lines in a test, and add it to PAGES or OTHER_SHELLS of "
        "tests/test_docs_avatars.py"
    )
    assert known - found == set(), "no shell lines any more: take it out of that list"


def test_every_setting_that_the_pages_name_exists() -> None:
    """`LIKENESS_...`, in all of the documentation that is written by hand."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    named = {name for path in pages for name in re.findall(r"LIKENESS_[A-Z_]+", path.read_text())}
    known = {variable(name) for name in Config.model_fields} | {CONFIG_FILE}

    unknown = {name for name in named - known if name.removesuffix("_FILE") not in known}
    assert unknown == set(), "a page names it: add it to a file in src/likeness/config/, or mend it"


def test_the_page_lists_every_word_for_a_default_picture() -> None:
    """And no other."""
    table = re.search(r"\| `d` \| what is shown \|\n(.*?)\n\n", page(PAGES[0]), re.DOTALL)
    assert table
    cells = [row.split("|")[1] for row in table[1].splitlines()]

    listed = set(re.findall(r"`(\w+)`", " ".join(cells)))
    assert {*_STYLES, "404"} - listed == set(), f"give it a row in the table of {PAGES[0]}"
    assert listed - {*_STYLES, "404"} == set(), f"no such word: take it out of {PAGES[0]}"


def test_the_zone_says_what_dig_is_said_to_print() -> None:
    """The name server of our tests reads it and answers so."""
    asked: dict[str, str] = dict(
        re.findall(r"^\$ dig \+short SRV (\S+)\n(.+)$", page(PAGES[1]), re.MULTILINE)
    )

    with serving(blocks("zone", PAGES[1])[0], "example.org.") as resolver:
        told = {name: resolver.resolve(name, dns.rdatatype.SRV)[0].to_text() for name in asked}

    assert 2 == len(told)
    assert asked == told


def test_every_address_with_a_placeholder_leads_to_the_photo(ada: Sitter) -> None:
    """As each program fills its template in."""
    filled = {
        "%{hash}": md5_of(ADA),
        "%{size}": "80",
        "%(mail_hash)s": md5_of(ADA),
        "HASH": sha256_of(ADA),
        ",initials": "",
    }
    pattern = rf"{SOMEWHERE}/avatar/[^\s\"'`]*(?:hash|HASH)[^\s\"'`]*"
    templates = set(re.findall(pattern, page(RECIPES)))

    assert 3 == len(templates)
    for template in templates:
        url = here(template, ada.url)
        for placeholder, value in filled.items():
            url = url.replace(placeholder, value)
        side = re.search(r"(?:s|size)=(\d+)", url)
        assert side
        assert ada.is_shown(url, int(side[1]))


def test_the_flask_example(ada: Sitter) -> None:
    """Its filter, in a template."""
    template = f"{{{{ '{ADA.upper()}' | photo(48) }}}}"
    script = f"{example('flask', RECIPES)}\nprint(app.jinja_env.from_string({template!r}).render())"

    run = subprocess.run(
        [sys.executable, "-c", here(script, ada.url)], capture_output=True, text=True, check=True
    )

    assert ada.is_shown(run.stdout.strip(), 48)


@pytest.mark.slow
def test_the_node_example_of_the_recipes(ada: Sitter, node_modules: Path) -> None:
    """As saved to a file and run."""
    run = subprocess.run(
        ["node", "-e", here(example("gravatar", RECIPES), ada.url)],
        env=os.environ | {"NODE_PATH": str(node_modules)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ada.is_shown(run.stdout.strip(), 96)


@pytest.mark.parametrize("mark", ["page", "page-by-hash"])
def test_what_a_page_offers_is_as_wide_as_it_says(mark: str, ada: Sitter) -> None:
    """Each size in `srcset`, filled in with what the API says or with the hash."""
    html = here(example(mark, "docs/pages.md"), ada.url).replace("HASH", sha256_of(ADA))
    html = re.sub(r"\bimage_\d+", lambda match: ada.profile[match[0]], html)
    offered = re.findall(r"(http\S+) (\d+)w", html)

    assert len(offered) >= 6
    for url, width in offered:
        assert ada.is_shown(url, int(width))
    assert (48, 48) == opened(fetch(re.findall(r'src="([^"]+)"', html)[0]).content).size
