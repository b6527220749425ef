"""Write a project as one HTML file to send to somebody: a browser shows it without a server or a network.

examples:
  cineforge page -o film.html                     everything there is
  cineforge page -o stale.html --stale            what is out of date, with the changes behind it
  cineforge page -o board.html --up strip_board --pictures

It holds an overview, the graph (a picture where Graphviz is installed), every artifact laid out for reading with its
versions, its lineage and the causes of its staleness, and the newest runs. Attached files are named; --pictures puts
the pictures among them in.
"""

from __future__ import annotations

import argparse
import secrets

from cineforge.commands.shared.options import add_directory, file_to_write
from cineforge.commands.shared.progress import tracked


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", type=file_to_write, required=True, metavar="FILE")
    parser.add_argument(
        "--up", action="append", default=[], metavar="REF", help="only what it was made from"
    )
    parser.add_argument(
        "--down", action="append", default=[], metavar="REF", help="only what was made from it"
    )
    parser.add_argument(
        "--stale", action="store_true", help="only what is out of date, and the changes behind it"
    )
    parser.add_argument(
        "--type", action="append", default=[], metavar="TYPE", help="only artifacts of this type"
    )
    parser.add_argument(
        "--pictures", action="store_true", help="put pictures that are attached into the file"
    )
    add_directory(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.film_page.write_page import PageRequest, film_page
    from cineforge.project import Project
    from cineforge.store import DrawingRequest
    from cineforge.store.disk.replacing import replacing
    from cineforge.ui.content import page_words

    with Project(options.directory) as project:
        drawn = DrawingRequest(
            up=tuple(map(project.ref, options.up)),
            down=tuple(map(project.ref, options.down)),
            out_of_date=options.stale,
            types=tuple(options.type),
        )
        request = PageRequest(drawn, pictures=options.pictures)
        pieces = film_page(
            project, request, lambda artifacts, total: tracked(artifacts, "laying out", total)
        )
        # What is there under this name stays until the new one is whole.
        draft = options.output.with_name(f".{options.output.name}.{secrets.token_hex(4)}")
        with replacing(options.output, draft), draft.open("w", encoding="utf-8") as file:
            file.writelines(pieces)
    print(f"{options.output}: {page_words.size(options.output.stat().st_size)}")
    return 0
