"""Which command was meant by words that are none, so that an error of usage can name it. Pure."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import chain, takewhile
from typing import Final

Command = tuple[str, ...]
"""The words of a command after `likeness`, such as ("token", "revoke")."""

MEANT_MAX: Final = 5
"""Commands that one hint names. Where more are equally likely, none is."""

WORDS_MAX: Final = 3
WORD_LENGTH_MAX: Final = 40
PARTS_MAX: Final = 5
"""How much is looked at: the first words, and of each word its first characters and parts."""

SYNONYMS: Final[dict[str, frozenset[str]]] = {
    word: frozenset(ours.split())
    for words, ours in (
        ("ls all", "list history"),
        ("list", "history"),
        ("get info view display find lookup details", "show"),
        ("create new register", "add issue"),
        ("add", "issue set"),
        ("set", "add rename email"),
        ("upload put", "set"),
        ("unlink", "unbind"),
        ("generate", "issue"),
        ("rm remove delete del drop unset", "remove erase deactivate revoke end"),
        ("forget purge gdpr", "erase"),
        ("disable suspend archive off", "deactivate lock"),
        ("enable activate undelete", "reactivate unlock"),
        ("invalidate expire", "revoke"),
        ("logout signout", "session end"),
        ("login signin invite onboard", "link"),
        ("edit update change modify alter", "rename email"),
        ("name", "rename"),
        ("grant admin", "promote"),
        ("rollback revert", "undo restore"),
        ("load sync", "import"),
        ("ldap", "directory"),
        ("webhook hook subscription", "target"),
        ("mock fake stub emulator", "double"),
        ("dump download", "export"),
        ("start run up daemon", "serve"),
        ("upgrade schema tables", "migrate"),
        ("init setup install", "workspace add"),
        ("status health diagnose ping test", "doctor"),
        ("verify fsck validate", "check"),
        ("repair fix", "check remake"),
        ("cleanup clean prune gc vacuum", "sweep"),
        ("backup clone move mv", "copy"),
        ("settings env configuration", "config"),
        ("audit events journal logs", "log"),
        ("why whois", "explain"),
        ("api endpoints", "methods"),
        ("person people member account bot employee", "user"),
        ("team org organisation organization tenant", "workspace"),
        ("avatar picture image", "photo"),
        ("mail alias", "address"),
        ("key", "token"),
    )
    for word in words.split()
}
"""What other programs call our words. A word of ours stands here too where it is used otherwise."""

_PARTS: Final = re.compile(r"[A-Z]?[^A-Z._-]+|[A-Z]+")

_SYNONYM: Final = 0.9
_CLOSE: Final = 0.8
_CLOSE_MIN: Final = 0.8
"""How much a word counts that is no word of ours, of 1; and how alike two have to be for that."""

_UNSAID: Final = 0.15
"""What a word of a command costs that was not typed: more than a synonym does, so that `people` is
`user` and not `target people`."""


def meant(group: Command, words: Sequence[str], commands: Sequence[Command]) -> list[Command]:
    """The commands that were most likely meant by `words` after the name of `group`.

    The first of `words` is no command there. Gives at most MEANT_MAX, in the order of `commands`,
    and none where nothing is like it.
    """
    first, *others = [_parts(word) for word in _before_options(words)] or [[]]
    typed = [*first, *chain.from_iterable(others)]
    likely = {
        command: (_score(group, typed, command), len(command))
        for command in commands
        if any(_likeness(word, part) for word in first for part in command)
    }
    best = [command for command, score in likely.items() if score == max(likely.values())]
    return best if len(best) <= MEANT_MAX else []


def _before_options(words: Sequence[str]) -> list[str]:
    return [*takewhile(lambda word: not word.startswith("-"), words)][:WORDS_MAX]


def _parts(word: str) -> list[str]:
    """A typed word as the words that it is made of: set-photo and users.setPhoto are several."""
    return [part.lower() for part in _PARTS.findall(word[:WORD_LENGTH_MAX])[:PARTS_MAX]]


def _score(group: Command, typed: Sequence[str], command: Command) -> float:
    """How much of what was typed stands in a command, less what of the command was not typed."""
    said = tuple(dict.fromkeys((*group, *typed)))
    heard = sum(max(_likeness(word, part) for part in command) for word in said)
    unsaid = sum(not any(_likeness(word, part) for word in said) for part in command)
    return round(heard - _UNSAID * unsaid, 6)


def _likeness(word: str, part: str) -> float:
    """How much a typed word counts for a word of a command: from 0 to 1."""
    singular = word.removesuffix("s")
    if part in {word, singular}:
        return 1
    if part in SYNONYMS.get(word, ()) or part in SYNONYMS.get(singular, ()):
        return _SYNONYM
    alike = SequenceMatcher(None, word, part).ratio()
    return _CLOSE * alike if alike >= _CLOSE_MIN else 0
