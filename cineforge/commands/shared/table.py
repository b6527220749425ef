"""Tables: drawn with colour on a terminal, plain columns in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence

from cineforge.commands.shared.output import drawing_on
from cineforge.model.display.visible import brief, visible_line


def print_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Collection[str] = ()
) -> None:
    """Print rows of text under column heads; the columns named in `right` are aligned to the right.

    A cell is one line, and no longer than somebody reads: `--json` has all of it.
    """
    rows = [[brief(visible_line(cell)) for cell in row] for row in rows]
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in head:
            table.add_column(name, justify="right" if name in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        Console(file=drawing_on(sys.stdout)).print(table)
        return
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        cells = (
            cell.rjust(width) if name in right else cell.ljust(width)
            for name, cell, width in zip(head, row, widths, strict=True)
        )
        print("  ".join(cells).rstrip())
