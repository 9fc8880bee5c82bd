"""What a completion has to know of a command: its options, what their values are, its subcommands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

import click

from exlib.launch import COMMANDS

Kind = Literal["flag", "file", "directory", "choice", "word"]
UMBRELLA = "executioner"


@dataclass(frozen=True, slots=True)
class Option:
    """One option under all its names; ``kind`` says what follows it, ``word`` being anything."""

    names: tuple[str, ...]
    help: str
    kind: Kind
    label: str
    choices: tuple[str, ...]
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A command line up to its options: ``("ex-history", "show")``."""

    path: tuple[str, ...]
    help: str
    options: tuple[Option, ...]
    takes_files: bool
    subcommands: tuple[str, ...]
    offers: tuple[str, ...] = ()
    """Words that its first argument may be, among others."""


def commands() -> list[Command]:
    """Every tool and subcommand, parents first; ``executioner`` is last, its tools are listed under their own names."""
    found: list[Command] = []
    for name, line in COMMANDS.items():
        found += _walk((f"ex-{name}",), _declared(name), line)
    legacy = next(_walk((UMBRELLA,), _declared(UMBRELLA), "the umbrella command"))
    found.append(Command(legacy.path, legacy.help, legacy.options, False, (*COMMANDS, "help")))
    return found


def _declared(name: str) -> click.Command:
    command: click.Command = import_module(f"exlib.commands.{name.replace('-', '_')}").command
    return command


def _walk(
    path: tuple[str, ...], command: click.Command, line: str, parent: click.Context | None = None
) -> Iterator[Command]:
    context = click.Context(command, parent, info_name=path[-1], **command.context_settings)
    subcommands = command.commands if isinstance(command, click.Group) else {}
    yield Command(
        path=path,
        help=line,
        options=tuple(
            _option(path, p) for p in command.get_params(context) if isinstance(p, click.Option) and not p.hidden
        ),
        takes_files=any(isinstance(p, click.Argument) and _names_file(p) for p in command.params),
        subcommands=tuple(subcommands),
        offers=next((_offers(path, p) for p in command.params if isinstance(p, click.Argument)), ()),
    )
    for name, below in subcommands.items():
        yield from _walk((*path, name), below, below.get_short_help_str(limit=100).rstrip("."), context)


def _option(path: tuple[str, ...], parameter: click.Option) -> Option:
    label = (parameter.metavar or parameter.type.name or "value").strip("[]").lower()
    choices = tuple(map(str, parameter.type.choices)) if isinstance(parameter.type, click.Choice) else ()
    choices = choices or _offers(path, parameter)
    return Option(
        names=(*parameter.opts, *parameter.secondary_opts),
        help=(parameter.help or "").split(". ")[0].rstrip("."),
        kind=_kind(parameter, choices),
        label=label,
        choices=choices,
        repeatable=parameter.multiple or parameter.count,
    )


def _offers(path: tuple[str, ...], parameter: click.Parameter) -> tuple[str, ...]:
    """Values worth offering where any other is taken too."""
    if path[0] == UMBRELLA:
        return ()
    if parameter.name == "run" or "RUN" in (parameter.metavar or "").strip("[].").split():
        return ("last",)
    if parameter.name == "workers":
        return ("auto",)
    if parameter.metavar == "CODE":
        from exlib.rules.catalog import CATALOG

        return tuple(code for code in CATALOG if parameter.name == "explain" or code[0] != "E")
    return ()


def _kind(parameter: click.Option, choices: tuple[str, ...]) -> Kind:
    if parameter.is_flag or parameter.count or isinstance(parameter.flag_value, str):
        return "flag"  # or its value may be left out, so that nothing must follow
    if choices:
        return "choice"
    metavar = (parameter.metavar or "").upper()
    if "DIR" in metavar or (isinstance(parameter.type, click.Path) and not parameter.type.file_okay):
        return "directory"
    return "file" if _names_file(parameter) else "word"


def _names_file(parameter: click.Parameter) -> bool:
    return "FILE" in (parameter.metavar or "").upper() or isinstance(parameter.type, (click.Path, click.File))
