"""The page of the command line, read off the application that runs it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from likeness.cli.verbs import VERBS, loaded

_SHARED_BY_MIN: Final = 5
"""What as many verbs have is explained once, above all of them."""

_INTRODUCTION: Final = """\
# Commands

`likeness --help` and `likeness VERB --help` say the same in the terminal, and `likeness --version`
which version this is. [Settings](configuration.md) hold for every verb. An option that stands in
place of one, such as `--data`, wins over it for this once.

Answers go to standard output, everything else to standard error. The exit code is 0 when all is
done, 1 when something was refused or found to be wrong, 2 for wrong usage or a setting that
cannot be used, and 3 when an import could use some rows only.

## Completion
The tab key completes verbs and options in bash, zsh and fish. In the shell that you use:

<!-- install-completion -->
```sh
likeness --install-completion
```

It writes a file into your home directory, tells its name, and holds from the next shell on; zsh
completes from the second press of the key on, since the first one only loads it.
`likeness --show-completion` prints what would be in it. Where no shell can be recognised, as in a
script that installs it for everybody on a machine, each of these prints it for one:

<!-- show-completion -->
```sh
_LIKENESS_COMPLETE=source_bash likeness
_LIKENESS_COMPLETE=source_zsh likeness
_LIKENESS_COMPLETE=source_fish likeness
```

## What many verbs take
"""


def commands() -> str:
    """The whole page: every verb with its arguments and options, in the order of `--help`."""
    verbs = [each for name in VERBS for each in _with_inner(f"likeness {name}", loaded(name))]
    counts = Counter(row for _, verb in verbs for row in _rows(verb))
    shared = {row for row, count in counts.items() if count >= _SHARED_BY_MIN}
    top = _table([row for row in counts if row in shared])
    return "\n".join([_INTRODUCTION + top, *(_section(*each, shared) for each in verbs)])


def _with_inner(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """A verb, or a group of verbs followed by these, each as it is typed."""
    yield name, command
    for word, inner in getattr(command, "commands", {}).items():
        yield f"{name} {word}", inner


def _section(name: str, command: Any, shared: set[str]) -> str:
    """What a verb does, how it is typed, and what each word is for that is its own."""
    if hasattr(command, "commands"):
        return f"## {name}\n{command.help}\n"
    level = "##" if name.count(" ") == 1 else "###"
    typed = " ".join([name, *map(_typed, command.params)])
    own = _table([row for row in _rows(command) if row not in shared])
    return f"{level} {name}\n{command.help}\n\n```text\n{typed}\n```\n" + (own and f"\n{own}")


def _table(rows: list[str]) -> str:
    head = ["| argument or option | what it is for |", "| --- | --- |"]
    return "\n".join([*head, *rows, ""]) if rows else ""


def _rows(command: Any) -> list[str]:
    return [f"| `{_spelt(each)}` | {_purpose(each)} |" for each in command.params]


def _typed(parameter: Any) -> str:
    """As in a synopsis: in brackets what may be left out, with dots what may be repeated."""
    word = _spelt(parameter).partition(", ")[0]
    repeated = f"{word} ..." if parameter.multiple else word
    return repeated if parameter.required else f"[{repeated}]"


def _spelt(parameter: Any) -> str:
    """All ways to type it."""
    value = parameter.metavar or parameter.name.upper()
    if parameter.param_type_name == "argument":
        return str(value)
    return ", ".join(each if parameter.is_flag else f"{each} {value}" for each in parameter.opts)


def _purpose(parameter: Any) -> str:
    """Its help, and the value that it has when it is not given."""
    default = parameter.default
    known = f" Default: `{default}`." if default and not isinstance(default, bool) else ""
    return f"{parameter.help}{known}".replace("|", "\\|")
