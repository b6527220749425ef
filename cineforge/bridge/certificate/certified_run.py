"""Answers the questions of a Snakemake command by a certificate, as long as they are those that it is for."""

from __future__ import annotations

from functools import cached_property

from cineforge.bridge.certificate.certificate import Certificate
from cineforge.bridge.snakemake.workflow import SnakemakeCommand, SnakemakeRun


class CertifiedRun:
    """`certificate` was right a moment ago."""

    def __init__(self, certificate: Certificate, snakemake: SnakemakeRun) -> None:
        self._certificate = certificate
        self._snakemake = snakemake

    def targets(self, stage: str) -> list[str] | None:
        """What an aggregate waits for: something that is there. None where the certificate does not tell."""
        if not self._counts or stage not in self._certificate.idle:
            return None
        return list(self._certificate.idle[stage])

    @cached_property
    def _counts(self) -> bool:
        command = self._snakemake.command()
        if not is_plain(command) or triggers_of(command) != self._certificate.triggers:
            return False
        self._snakemake.begin_run(executing=command.executing, remote=False)
        return True


def is_plain(command: SnakemakeCommand) -> bool:
    """Whether a command forces nothing, leaves nothing out, and does its jobs here."""
    asked = (
        *command.forced,
        *command.until,
        *command.omit_from,
        command.force_all,
        command.force_targets,
        command.is_batch,
        command.is_touch,
        command.remote,
    )
    return not any(asked)


def triggers_of(command: SnakemakeCommand) -> tuple[str, ...]:
    """The kinds of reasons that count, in order."""
    return tuple(sorted(command.rerun_triggers))
