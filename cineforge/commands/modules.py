"""List the modules that recipes can use.

examples:
  cineforge modules
  cineforge modules --directory my_film --json      with the project's own modules/
"""

from __future__ import annotations

import argparse
import json
import sys

from cineforge.commands.shared.options import add_question_options
from cineforge.model.errors import Problem, ProblemsFound


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.recipes.modules.discovery import find_modules, module_roots

    catalog = find_modules(module_roots(options.directory.resolve()))
    modules = []
    broken: list[Problem] = []
    for name in catalog.names():
        try:
            modules.append(catalog.get(name))
        except ProblemsFound as problems:
            broken += problems.problems
    if options.json:
        records = [
            {
                "module_id": found.module.module_id,
                "stage": found.manifest.stage,
                "description": found.manifest.description,
                "inputs": {name: spec.type for name, spec in found.manifest.inputs.items()},
                "outputs": [output.type for output in found.manifest.outputs],
            }
            for found in modules
        ]
        print(json.dumps(records, indent=1))
        return _complain(broken)
    width = max((len(found.module.module_id) for found in modules), default=0)
    for found in modules:
        print(f"{found.module.module_id:<{width}}  {found.manifest.description.strip()}")
    return _complain(broken)


def _complain(problems: list[Problem]) -> int:
    """Name the modules that cannot be used; the exit status."""
    for problem in problems:
        print(f"cannot be used: {problem}", file=sys.stderr)
    return 1 if problems else 0
