"""Ask for a revision of a version: the next run makes it anew, whether anything upstream changed or not.

examples:
  cineforge revise scene_report/scene_7 --why "counts the dog's barks as dialogue"
  cineforge revise character_bible/bob@3
  cineforge revise 'frame/scene_2.*' --why "too dark"              every head that matches, all or none
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cineforge.model.refs import ArtifactRef
    from cineforge.store import HeadRow


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from cineforge.commands.shared.people import add_judge_arguments

    add_judge_arguments(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.shared.people import judgement_record, say_each
    from cineforge.project import Project

    with Project(options.directory) as project:
        judged = project.revise_all(
            options.refs,
            why=options.why,
            who=options.who,
            by=options.by,
            confidence=options.confidence,
        )
        subjects = [each.assessment.subject for each in judged]
        rows = project.store.heads_of([each.key for each in subjects])
    texts = [_said(each, rows[each.key]) for each in subjects]
    said = list(zip(texts, map(judgement_record, judged), strict=True))
    say_each(options.refs, said, "are to be made anew", as_json=options.json)
    return 0


def _said(subject: ArtifactRef, row: HeadRow) -> str:
    later = ""
    if row.ref != subject:
        later = ": it was superseded by a newer version, so no run will act on it"
    elif row.held:
        later = (
            f": but it is held, so no run makes it anew before 'cineforge release {subject.key}'"
        )
    return f"a revision of {subject} is asked for{later}"
