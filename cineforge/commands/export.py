"""Copy the files that people and other programs read out of a project: pages, tables, calendars, exchange files.

examples:
  cineforge export -o out                      the attached files of the project's newest versions
  cineforge export exports one_liner -o out    ... of these types alone
  cineforge export -o out --pdf --paper A4     ... and every page as PDF   (pip install 'cineforge[pdf]')
  cineforge export -o out --otio               ... and the animatic of previs as OpenTimelineIO   ('cineforge[otio]')

A file of the same name in the folder is replaced.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from cineforge.commands.shared.options import add_directory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "types", nargs="*", help="artifact types, such as board_page (default: all)"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    parser.add_argument(
        "--pdf", action="store_true", help="write every page (.html) as PDF as well"
    )
    parser.add_argument("--paper", choices=["A4", "Letter"], default="A4", help="of PDFs")
    parser.add_argument("--otio", action="store_true", help="write the animatic as OpenTimelineIO")
    add_directory(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.drafts.export_files import export_files, write_otio, write_pdf
    from cineforge.project import Project

    with Project(options.directory) as project:
        written = export_files(project, options.types, options.output)
        if options.otio:
            written.append(write_otio(project, options.output))
    if options.pdf:
        pages = [path for path in written if path.suffix == ".html"]
        written += [write_pdf(path, options.paper) for path in pages]
    for path in written:
        print(path)
    return 0
