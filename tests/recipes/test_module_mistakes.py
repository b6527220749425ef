"""One module for each mistake in `module.yaml` and `main.py`: told with file, line, key path and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from cineforge.model.errors import NotFound, ProblemsFound
from cineforge.recipes.modules.discovery import find_modules
from tests.recipes.trim_module import GOOD, problems_of, read
from tests.recipes.workshop import MAIN, Workshop

MISTAKES = {
    "unknown key": (
        "description:",
        "descriptoin:",
        (3, "descriptoin"),
        "did you mean 'description'?",
    ),
    "unknown key of an input": (
        "{type: draft}",
        "{type: draft, option: true}",
        (5, "inputs.text.option"),
        "did you mean 'optional'?",
    ),
    "unknown key of an output": (
        "{type: trimmed}",
        "{type: trimmed, maney: true}",
        (8, "outputs[0].maney"),
        "did you mean 'many'?",
    ),
    "duplicate key": ("description:", "stage: x\ndescription:", (3, "stage"), "in line 2"),
    "module_id unlike its folder": ("trim_v1", "trim_v2", (1, "module_id"), "rename one"),
    "stage unlike its folder": ("stage: trimming", "stage: trim", (2, "stage"), "rename one"),
    "input name that is no name": ("text:", "'my text':", (5, "inputs['my text']"), "valid name"),
    "input named like the role of human edits": (
        "text:",
        "edited_from:",
        (5, "inputs.edited_from"),
        "role of human edits",
    ),
    "type that is no name": ("type: draft", "type: Draft", (5, "inputs.text.type"), "valid name"),
    "collection as an input": (
        "type: draft",
        "type: split.members",
        (5, "inputs.text.type"),
        "many: true",
    ),
    "collection as an output": (
        "type: trimmed",
        "type: split.members",
        (8, "outputs[0].type"),
        "collection",
    ),
    "reserved output type": ("type: trimmed", "type: hold", (8, "outputs[0].type"), "reserved"),
    "output of any type": ("type: trimmed", "type: any", (8, "outputs[0].type"), "reserved"),
    "the same output twice": (
        "  - {type: trimmed}",
        "  - {type: trimmed}\n  - {type: trimmed}",
        (9, "outputs[1].type"),
        "stands twice",
    ),
    "no outputs": (
        "outputs:\n  - {type: trimmed}",
        "outputs: []",
        (7, "outputs"),
        "at least 1 item",
    ),
    "select without many": (
        "{type: draft}",
        "{type: draft, select: other#/x}\n  other: {type: other}",
        (5, "inputs.text.select"),
        "add many: true",
    ),
    "select without a pointer": (
        "many: true",
        "many: true, select: text",
        (6, "inputs.names.select"),
        "character#/scenes",
    ),
    "select by an unknown input": (
        "many: true",
        "many: true, select: texd#/names",
        (6, "inputs.names.select"),
        "did you mean 'text'?",
    ),
    "select by an input that takes many": (
        "many: true",
        "many: true, select: names#/names",
        (6, "inputs.names.select"),
        "takes one artifact",
    ),
    "per_entity of many": (
        "many: true",
        "many: true, per_entity: true",
        (6, "inputs.names.per_entity"),
        "exclude each other",
    ),
    "parameters that are no schema": (
        "type: integer",
        "type: intiger",
        (11, "parameters.properties.width.type"),
        "'integer'",
    ),
    "parameters with an invalid pattern": (
        "type: integer, default: 3",
        "type: string, pattern: '(['",
        (11, "parameters.properties.width.pattern"),
        "regex",
    ),
    "parameters of another type": (
        "  properties:",
        "  type: array\n  properties:",
        (10, "parameters.type"),
        "write object",
    ),
    "default that does not fit": (
        "default: 3",
        "default: wide",
        (11, "parameters.properties.width.default"),
        "expected integer",
    ),
    "source file that is no text": (
        "type: integer, default: 3",
        "format: source-file",
        (11, "parameters.properties.width.format"),
        "add type: string",
    ),
    "source files in a list": (
        "type: integer, default: 3",
        "type: array, items: {type: string, format: source-file}",
        (11, "parameters.properties.width"),
        "a parameter of its own",
    ),
    "no threads": ("threads: 2", "threads: none", (13, "resources"), "at least 1"),
    "a resource that is taken": (
        "mem_mb: 100",
        "attempt: 100",
        (13, "resources.attempt"),
        "choose another name",
    ),
    "megabytes that are no number": (
        "mem_mb: 100",
        "mem_mb: lots",
        (13, "resources"),
        "no whole number",
    ),
    "unknown helper": ("measure.py", "mesure.py", (14, "helpers[0]"), "did you mean 'measure.py'?"),
    "helper elsewhere": (
        "measure.py",
        "../shared/measure.py",
        (14, "helpers[0]"),
        "did you mean 'measure.py'?",
    ),
    "helper twice": ("[measure.py]", "[measure.py, measure.py]", (14, "helpers[1]"), "twice"),
    "tab": ("  text:", "\ttext:", (5, ""), "spaces"),
}


@pytest.mark.parametrize(("old", "new", "place", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_a_manifest_is_told_with_its_place_and_the_way_out(
    empty_shop: Workshop, trim: Path, old: str, new: str, place: tuple[int, str], said: str
) -> None:
    assert old in GOOD
    manifest = trim / "module.yaml"
    manifest.write_text(GOOD.replace(old, new, 1))
    (problem,) = problems_of(empty_shop)
    assert problem.file == str(manifest)
    assert (problem.line, problem.path) == place
    assert said in str(problem)


def test_the_manifest_that_the_mistakes_vary_has_none(empty_shop: Workshop, trim: Path) -> None:
    found = read(empty_shop)
    assert found.module.folder == trim
    assert [helper.name for helper in found.module.helpers] == ["measure.py"]
    assert found.module.config_keys == ("margin",)


@pytest.mark.parametrize(
    ("main", "said"),
    [
        (None, "has no main.py"),
        (
            "def run_modul(inputs, params, project_config, context): ...\n",
            "did you mean 'run_modul'?",
        ),
        ("run_module = 3\n", "defines no function run_module"),
        (
            "class Inner:\n    def run_module(self, a, b, c): ...\n",
            "defines no function run_module",
        ),
        ("def run_module(inputs, params): ...\n", "must take the arguments"),
        ("def run_module(a, b, c, d, e): ...\n", "must take the arguments"),
        ("def run_module(a, b, c, d, *, e): ...\n", "must take the arguments"),
        ("def run_module(:\n", "not valid Python"),
        ("x = 1\0\n", "not valid Python"),
    ],
)
def test_main_py_must_offer_run_module(
    empty_shop: Workshop, trim: Path, main: str | None, said: str
) -> None:
    if main is None:
        (trim / "main.py").unlink()
    else:
        (trim / "main.py").write_text(main)
    (problem,) = problems_of(empty_shop)
    assert problem.file == str(trim / "main.py")
    assert said in str(problem)


@pytest.mark.parametrize(
    "signature", ["inputs, params, project_config, context", "*everything", "a, b, c, d, e=1"]
)
def test_any_signature_that_takes_the_four_arguments_will_do(
    empty_shop: Workshop, trim: Path, signature: str
) -> None:
    (trim / "main.py").write_text(f"def run_module({signature}): ...\n")
    assert read(empty_shop).module.module_id == "trim_v1"


def test_a_parameter_may_allow_everything_or_nothing(empty_shop: Workshop, trim: Path) -> None:
    rules = "{anything: true, nothing: false}"
    (trim / "module.yaml").write_text(
        GOOD.replace(
            "\n  properties:\n    width: {type: integer, default: 3}", f" {{properties: {rules}}}"
        )
    )
    assert read(empty_shop).parameters["properties"] == {"anything": True, "nothing": False}


def test_checking_main_py_warns_nobody_of_its_style(
    empty_shop: Workshop, trim: Path, recwarn: pytest.WarningsRecorder
) -> None:
    (trim / "main.py").write_text(MAIN + 'ODD = "\\d"\n')
    read(empty_shop)
    assert not recwarn.list


def test_checking_main_py_does_not_run_it(empty_shop: Workshop, trim: Path) -> None:
    (trim / "main.py").write_text(f"open({str(trim / 'ran')!r}, 'w')\n{MAIN}")
    read(empty_shop)
    assert not (trim / "ran").exists()


def test_manifest_and_code_mistakes_are_reported_in_one_go(
    empty_shop: Workshop, trim: Path
) -> None:
    (trim / "module.yaml").write_text(GOOD.replace("outputs:", "outptus:").replace("2", "two"))
    (trim / "main.py").write_text("pass\n")
    places = {(Path(its.file).name, its.path) for its in problems_of(empty_shop)}
    assert places == {
        ("main.py", ""),
        ("module.yaml", "outptus"),
        ("module.yaml", "outputs"),
        ("module.yaml", "resources"),
    }


def test_a_folder_without_a_manifest_is_reported_when_its_module_is_asked_for(
    empty_shop: Workshop, trim: Path
) -> None:
    (trim / "module.yaml").unlink()
    (problem,) = problems_of(empty_shop)
    assert "has no module.yaml" in problem.message


def test_the_same_module_id_twice_names_both_places(empty_shop: Workshop, trim: Path) -> None:
    other = empty_shop.module_text("cutting", "trim_v1", GOOD.replace("trimming", "cutting"))
    (problem,) = problems_of(empty_shop)
    assert {problem.file, problem.message.split()[-1]} == {
        str(trim / "module.yaml"),
        str(other / "module.yaml"),
    }


@pytest.mark.usefixtures("trim")
def test_a_projects_module_does_not_replace_a_shipped_one(
    tmp_path: Path, empty_shop: Workshop
) -> None:
    other = Workshop(tmp_path / "other")
    other.module_text("trimming", "trim_v1", GOOD)
    catalog = find_modules([empty_shop.root / "modules", other.root / "modules"])
    with pytest.raises(ProblemsFound, match="already taken"):
        catalog.get("trim_v1")


@pytest.mark.usefixtures("trim")
def test_an_unknown_module_is_answered_with_the_nearest(empty_shop: Workshop) -> None:
    with pytest.raises(NotFound, match="did you mean 'trim_v1'"):
        read(empty_shop, "trim_v2")


@pytest.mark.usefixtures("trim")
def test_only_the_modules_asked_for_are_read(empty_shop: Workshop) -> None:
    empty_shop.module_text("breaking", "broken_v1", "not: [valid")
    assert read(empty_shop).module.module_id == "trim_v1"
    with pytest.raises(ProblemsFound, match="broken_v1"):
        find_modules([empty_shop.root / "modules"]).all()


def test_a_root_that_does_not_exist_holds_no_modules(tmp_path: Path) -> None:
    assert find_modules([tmp_path / "none"]).names() == []
