"""The stages of a recipe drawn as text, for Graphviz and for Mermaid: fan-outs stand out, edges name the types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cineforge.recipes.resolved import ResolvedRecipe, ResolvedStage


@dataclass(frozen=True)
class Edge:
    """What flows between two stages; `kind` is "data", "after" (order only) or "store" (from another recipe)."""

    source: str
    target: str
    types: tuple[str, ...]
    kind: str


def stage_edges(recipe: ResolvedRecipe) -> list[Edge]:
    """Every edge, in the order of the stages. A store edge starts at its type's name, for there is no stage."""
    edges: list[Edge] = []
    for stage in recipe.stages.values():
        for need in dict.fromkeys(stage.needs):
            types = {item.artifact_type for item in stage.inputs if item.producer == need}
            edges.append(Edge(need, stage.id, tuple(sorted(types)), "data" if types else "after"))
        for other in dict.fromkeys(stage.after):
            if other not in stage.needs:
                edges.append(Edge(other, stage.id, (), "after"))
        stored = {item.artifact_type for item in stage.inputs if item.producer is None}
        edges += [Edge(name, stage.id, (name,), "store") for name in sorted(stored)]
    return edges


def stage_graph_data(recipe: ResolvedRecipe) -> dict[str, Any]:
    """The stage graph for programs."""
    stages = [
        {
            "id": stage.id,
            "module": stage.module.module_id,
            "for_each": stage.for_each,
            "gate": stage.is_gate,
            "makes": [{"type": out.artifact_type, "many": out.many} for out in stage.outputs],
        }
        for stage in recipe.stages.values()
    ]
    edges = [
        {"source": edge.source, "target": edge.target, "types": edge.types, "kind": edge.kind}
        for edge in stage_edges(recipe)
    ]
    return {"recipe": recipe.recipe_id, "stages": stages, "edges": edges}


def to_dot(recipe: ResolvedRecipe) -> str:
    """The stage graph for Graphviz."""
    lines = [
        f"digraph {quoted_for_dot(recipe.recipe_id)} {{",
        "  rankdir=LR;",
        "  node [shape=box];",
    ]
    for stage in recipe.stages.values():
        label = quoted_for_dot("\n".join(_label_lines(stage)))
        look = ", shape=box3d, peripheries=2" if stage.is_fan_out else ""
        lines.append(f"  {quoted_for_dot(stage.id)} [label={label}{look}];")
    for name in _stored_types(recipe):
        lines.append(
            f"  {quoted_for_dot(f'store:{name}')} [label={quoted_for_dot(name)}, shape=cylinder];"
        )
    for edge in stage_edges(recipe):
        source = f"store:{edge.source}" if edge.kind == "store" else edge.source
        look = (
            "style=dashed"
            if edge.kind == "after"
            else f"label={quoted_for_dot(', '.join(edge.types))}"
        )
        lines.append(f"  {quoted_for_dot(source)} -> {quoted_for_dot(edge.target)} [{look}];")
    return "\n".join([*lines, "}"]) + "\n"


def to_mermaid(recipe: ResolvedRecipe) -> str:
    """The stage graph for Mermaid, as used in Markdown files."""
    # Mermaid reads some words (end, graph, style ...) as commands wherever an id may stand: hence the prefixes.
    lines = ["flowchart LR"]
    for stage in recipe.stages.values():
        label = _mermaid("<br/>".join(map(escaped_for_mermaid, _label_lines(stage))))
        left, right = ("[[", "]]") if stage.is_fan_out else ("[", "]")
        lines.append(f"  s_{stage.id}{left}{label}{right}")
    for name in _stored_types(recipe):
        lines.append(f"  t_{name}[({_mermaid(escaped_for_mermaid(name))})]")
    for edge in stage_edges(recipe):
        source = f"t_{edge.source}" if edge.kind == "store" else f"s_{edge.source}"
        label = _mermaid(escaped_for_mermaid(", ".join(edge.types)))
        arrow = "-.->" if edge.kind == "after" else f"-->|{label}|"
        lines.append(f"  {source} {arrow} s_{edge.target}")
    return "\n".join(lines) + "\n"


def _stored_types(recipe: ResolvedRecipe) -> list[str]:
    return sorted({edge.source for edge in stage_edges(recipe) if edge.kind == "store"})


def _label_lines(stage: ResolvedStage) -> Iterator[str]:
    yield stage.id
    yield stage.module.module_id
    if stage.for_each is not None:
        yield f"for each {stage.for_each}"
    if stage.is_fan_out:
        many = ", ".join(output.artifact_type for output in stage.outputs if output.many)
        yield f"emits many {many}"
    if stage.is_gate:
        yield "somebody approves it"


def quoted_for_dot(text: str) -> str:
    """A text as a quoted string of Graphviz, its line ends as line ends of a label."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def escaped_for_mermaid(text: str) -> str:
    """Mermaid's own entities, because quotes and brackets end a label even inside quotes."""
    special = '#&"<>|[](){};`\\'
    return "".join(
        f"#{ord(character)};" if character in special else character for character in text
    ).replace("\n", " ")


def _mermaid(escaped: str) -> str:
    return f'"{escaped}"'
