"""The stages drawn as text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.recipes.stage_graph import Edge, stage_edges, to_dot, to_mermaid
from tests.recipes.workshop import BOOK, Workshop


@pytest.fixture
def book(shop: Workshop) -> ResolvedRecipe:
    shop.module("reading", "read_v1", inputs={"n": {"type": "note"}}, outputs=[{"type": "read"}])
    line = "  - {id: read, module: read_v1, store_inputs: [note], after: [draft]}\n"
    return shop.load(BOOK + line)


def test_edges_name_what_flows(book: ResolvedRecipe) -> None:
    assert set(stage_edges(book)) == {
        Edge("draft", "split", ("draft",), "data"),
        Edge("split", "polish", ("piece",), "data"),
        Edge("split", "bind", ("piece_list",), "data"),
        Edge("polish", "bind", ("polished",), "data"),
        Edge("draft", "read", (), "after"),
        Edge("note", "read", ("note",), "store"),
    }


def test_dot_shows_stages_fan_outs_types_and_order(book: ResolvedRecipe) -> None:
    lines = to_dot(book).splitlines()
    assert lines[0] == 'digraph "book" {'
    assert lines[-1] == "}"
    assert (
        '  "split" [label="split\\nsplit_v1\\nemits many piece, group", shape=box3d, peripheries=2];'
        in lines
    )
    assert '  "polish" [label="polish\\npolish_v1\\nfor each piece"];' in lines
    assert '  "split" -> "polish" [label="piece"];' in lines
    assert '  "draft" -> "read" [style=dashed];' in lines
    assert '  "store:note" -> "read" [label="note"];' in lines


def test_mermaid_shows_the_same(book: ResolvedRecipe) -> None:
    lines = to_mermaid(book).splitlines()
    assert lines[0] == "flowchart LR"
    assert '  s_split[["split<br/>split_v1<br/>emits many piece, group"]]' in lines
    assert '  s_split -->|"piece"| s_polish' in lines
    assert "  s_draft -.-> s_read" in lines
    assert '  t_note -->|"note"| s_read' in lines


def test_labels_are_escaped(book: ResolvedRecipe) -> None:
    module = replace(book.stages["draft"].module, module_id='a"]; x[b\\ <i>\n#1')
    stages = {**book.stages, "draft": replace(book.stages["draft"], module=module)}
    hostile = replace(book, stages=stages)
    assert '[label="draft\\na\\"]; x[b\\\\ <i>\\n#1"];' in to_dot(hostile)
    (line,) = [line for line in to_mermaid(hostile).splitlines() if line.startswith("  s_draft[")]
    assert line == '  s_draft["draft<br/>a#34;#93;#59; x#91;b#92; #60;i#62; #35;1"]'


def test_the_same_recipe_is_always_drawn_the_same(shop: Workshop, book: ResolvedRecipe) -> None:
    again = shop.load((shop.root / "recipe.yaml").read_text())
    assert (to_dot(again), to_mermaid(again)) == (to_dot(book), to_mermaid(book))
