"""The words after `cineforge run`, told apart: ours, targets, and what only Snakemake knows."""

from __future__ import annotations

from dataclasses import dataclass, field

from cineforge.commands.shared.run_request import TypedTargets
from cineforge.model.errors import CineForgeError
from cineforge.store import layout

VALUED = (
    "--run-id",
    "--start-from",
    "--directory",
    "--on-finish",
    "--budget",
    "--confirm-above",
    "--plan",
)
SWITCHES = {
    "--dry-run": "dry_run",
    "-n": "dry_run",
    "--force": "force",
    "--stale": "stale",
    "--instrument": "instrument",
    "--yes": "yes",
}
#: Options of Snakemake whose words are read here, with what follows them up to the next option.
LISTS = {
    "--forcerun": "forcerun",
    "-R": "forcerun",
    "--until": "until",
    "-U": "until",
    "--omit-from": "omit_from",
    "-O": "omit_from",
}


@dataclass
class TypedRun:
    """The words after the recipe, told apart: ours, those with a meaning, and the rest for Snakemake."""

    values: dict[str, str] = field(default_factory=dict)
    switches: set[str] = field(default_factory=set)
    targets: list[str] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)
    config: list[str] = field(default_factory=list)
    configfiles: list[str] = field(default_factory=list)
    triggers: list[str] = field(default_factory=list)

    @property
    def words(self) -> TypedTargets:
        return TypedTargets(
            # Files of no artifact go to Snakemake as they are.
            [word for word in self.targets if not is_ticket(word)],
            self.lists.get("forcerun", []),
            self.lists.get("until", []),
            self.lists.get("omit_from", []),
            force="force" in self.switches,
            stale="stale" in self.switches,
            start_from=self.values.get("--start-from"),
        )


def is_ticket(word: str) -> bool:
    """Whether a target is the file of a job, as Snakemake names it."""
    return word.removeprefix("./").startswith(f"{layout.ARTIFACTS}/")


def listed_option(option: str, words: tuple[str, ...]) -> list[str]:
    """An option with its words; nothing without any."""
    return [option, *words] if words else []


def typed_run(words: list[str]) -> TypedRun:
    """Our own options and what has a meaning out of the words after the recipe; the rest keeps its order."""
    asked = TypedRun()
    pending = list(words)
    before_options = True
    while pending:
        word = pending.pop(0)
        name, equals, value = word.partition("=")
        if name in VALUED:
            if not equals:
                if not pending or _is_option(pending[0]):
                    hint = f"; one that begins with '-' is written {name}=VALUE"
                    raise CineForgeError(f"{name} needs a value{hint if pending else ''}")
                value = pending.pop(0)
            asked.values[name] = value
        elif word in SWITCHES:
            asked.switches.add(SWITCHES[word])
        elif name in LISTS:
            found = asked.lists.setdefault(LISTS[name], [])
            found += [value] if equals else _up_to_the_next_option(pending)
            if not found:
                raise CineForgeError(f"{name} needs the names of stages or artifacts")
        elif name in ("--config", "-C"):
            asked.config += [value] if equals else []
            asked.config += _up_to_the_next_option(pending)
        elif name in ("--configfile", "--configfiles"):
            found = [value] if equals else []
            asked.configfiles += found + _up_to_the_next_option(pending)
            if not asked.configfiles:
                raise CineForgeError(f"{name} needs the names of files")
        elif name == "--rerun-triggers":
            before_options = False
            asked.triggers += [value] if equals else _up_to_the_next_option(pending)
            if not asked.triggers:
                raise CineForgeError("--rerun-triggers needs the names of triggers")
        elif before_options and not word.startswith("-"):
            asked.targets.append(word)
        else:
            # From here on a word may belong to an option that only Snakemake knows.
            before_options = False
            asked.rest.append(word)
    return asked


def _is_option(word: str) -> bool:
    """Whether a word is no value: an amount below zero is one, though a wrong one."""
    return word.startswith("-") and not word[1:2].isdigit() and not word.startswith("-.")


def _up_to_the_next_option(pending: list[str]) -> list[str]:
    found = []
    while pending and not pending[0].startswith("-"):
        found.append(pending.pop(0))
    return found


def snakemake_arguments(asked: TypedRun, *, whole: bool) -> list[str]:
    """What Snakemake gets beside targets; `whole`: all there is was asked for."""
    arguments = [*asked.rest, *listed_option("--rerun-triggers", tuple(asked.triggers))]
    if not any(word.startswith(("-c", "-j", "--cores", "--jobs")) for word in arguments):
        arguments += ["--cores", "all"]
    if "dry_run" in asked.switches:
        arguments.append("--dry-run")
    if "force" in asked.switches:
        has_targets = bool(asked.targets) or "stale" in asked.switches
        # Of `all`, Snakemake's --force would mean the rule of that name, and none of its inputs.
        arguments.append("--force" if has_targets and not whole else "--forceall")
    return arguments
