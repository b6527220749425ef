"""Who is at the keyboard, and the options of every command that records a person's word."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cineforge.commands.options import add_directory
from cineforge.model.errors import CineForgeError
from cineforge.model.health import AssessedBy, Assessment, Verdict

if TYPE_CHECKING:
    from cineforge.model.refs import ArtifactRef
    from cineforge.store import ArtifactStore


def add_word_arguments(parser: argparse.ArgumentParser) -> None:
    """`--why`, `--who` and `--directory`."""
    parser.add_argument("--why", default="", help="the reason, for the record")
    parser.add_argument("--who", default=None, metavar="NAME", help="who says so (default: you)")
    add_directory(parser)


def who_says_so(options: argparse.Namespace) -> str:
    """The name given, or the login name."""
    if options.who:
        return str(options.who)
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def record_judgement(
    store: ArtifactStore,
    options: argparse.Namespace,
    subject: ArtifactRef,
    verdict: Verdict,
    examined: Iterable[ArtifactRef] = (),
) -> ArtifactRef:
    """Record what a person judges of a version. Raises CineForgeError for a confidence beyond 0 and 1."""
    if not 0 <= options.confidence <= 1:
        raise CineForgeError(f"--confidence {options.confidence}: use a number from 0 to 1")
    return store.assess(
        Assessment(
            subject=subject,
            verdict=verdict,
            examined=tuple(examined),
            by=AssessedBy.PERSON,
            who=who_says_so(options),
            why=options.why,
            confidence=options.confidence,
        )
    )


def record_hold(options: argparse.Namespace, action: str) -> int:
    """Hold or release the head of an artifact, and say so."""
    from cineforge.commands.project import open_store, read_ref
    from cineforge.model.health import Hold, HoldAction

    with open_store(options.directory) as store:
        head = read_ref(store, options.artifact)
        key = head.key
        store.record_hold(
            Hold(
                artifact_type=key.artifact_type,
                entity_id=key.entity_id,
                action=HoldAction(action),
                who=who_says_so(options),
                why=options.why,
            )
        )
    if action == "hold":
        print(f"{head} is held: no run replaces it until 'cineforge release {key}'")
    else:
        print(f"{key} is free: the next run may replace {head}")
    return 0
