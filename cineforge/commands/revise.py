"""Ask for a revision of a version: the next run makes it anew, whether anything upstream changed or not.

examples:
  cineforge revise scene_report/scene_7 --why "counts the dog's barks as dialogue"
  cineforge revise character_bible/bob@3
"""

from __future__ import annotations

import argparse
import json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from cineforge.commands.shared.people import add_judge_arguments

    add_judge_arguments(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.shared.people import judgement_record
    from cineforge.project import Project

    with Project(options.directory) as project:
        judged = project.revise(
            options.ref,
            why=options.why,
            who=options.who,
            by=options.by,
            confidence=options.confidence,
        )
        subject = judged.assessment.subject
        row = project.store.heads_of([subject.key])[subject.key]
    if options.json:
        print(json.dumps(judgement_record(judged), indent=1))
        return 0
    later = ""
    if row.ref != subject:
        later = ": it was superseded by a newer version, so no run will act on it"
    elif row.held:
        later = (
            f": but it is held, so no run makes it anew before 'cineforge release {subject.key}'"
        )
    print(f"a revision of {subject} is asked for{later}")
    return 0
