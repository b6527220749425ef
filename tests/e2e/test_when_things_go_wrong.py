"""Failures, kills and mistakes: one clear message, nothing published changed, and the next command just works."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from .conftest import BIN, ROOT, Project
from .workshop import NOTE, NOTE_CODE, write_module, write_recipe

pytestmark = pytest.mark.e2e


def made(project: Project, code: str, **manifest: object) -> Project:
    """A project of one stage whose module has this code."""
    write_module(project.folder, "note_v1", {**NOTE, **manifest}, code)
    write_recipe(project.folder, [{"id": "write_note", "module": "note_v1"}])
    return project


def run_body(body: str) -> str:
    return f"def run_module(inputs, params, project_config, context):\n    {body}\n"


#: How a module misbehaves, by the entity that it does so for; and what is then said of it.
MISBEHAVIOUR = {
    "raises": ("raise ValueError('no ink')", "ValueError: no ink (main.py:"),
    "exits": ("sys.exit(3)", "SystemExit: 3"),
    "exits_well": ("os._exit(0)", "the worker process died (exit status 70)"),
    "interrupts": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "tells_an_essay": ("raise ValueError('x' * 200_000)", "... (all of it in the log)"),
    "dies": ("os._exit(7)", "the worker process died (exit status 7)"),
    "is_killed": ("os.kill(os.getpid(), signal.SIGKILL)", "killed by signal 9"),
    "takes_all_memory": ("bytearray(1 << 60)", "MemoryError"),
    "makes_nothing": ("return None", "returned NoneType instead of a ModuleResult"),
    "makes_a_dict": ("return {'note': 1}", "returned dict instead of a ModuleResult"),
    "makes_too_little": ("return ModuleResult(outputs={})", "note: missing"),
    "makes_too_much": (
        "return ModuleResult(outputs={'note': Output(data=1), 'nota': Output(data=1)})",
        "nota: the manifest declares no such output: did you mean 'note'?",
    ),
    "makes_many": (
        "return ModuleResult(outputs={'note': {'a': Output(data=1)}})",
        "note: one output expected",
    ),
    "is_no_json": (
        "return ModuleResult(outputs={'note': Output(data={1: {2, 3}})})",
        "note/is_no_json: the payload is not plain JSON: key 1",
    ),
    "does_not_fit": (
        "return ModuleResult(outputs={'note': Output(data={'text': 5})})",
        "note/does_not_fit: $.text: ",
    ),
    "is_endless": (
        "deep = []\n    for _ in range(100_000): deep = [deep]\n"
        "    return ModuleResult(outputs={'note': Output(data=deep)})",
        "note/is_endless: ",
    ),
    "lists_no_file": (
        "return ModuleResult(outputs={'note': Output(data={}, files=('a.png',))})",
        "lists the file 'a.png', which was never attached",
    ),
    "prints_garbage": (
        "print('\\x00\\xff' * 9999); os.write(1, b'\\xfe\\xff'); raise RuntimeError('after all that')",
        "RuntimeError: after all that",
    ),
}
#: Those who only look odd.
GOOD = {
    "is_chatty": "print('\\x00\\xff' * 99_999); os.write(2, b'\\xfe\\xff')",
    "is_huge": "text = 'x' * 30_000_000",
}


def test_misbehaving_modules_fail_with_one_message_each_and_are_alone_redone(
    project: Project,
) -> None:
    """All of them in one run with `--keep-going`, and each had paid for a call."""
    names = [*MISBEHAVIOUR, *GOOD]
    write_module(
        project.folder,
        "split_v1",
        {"stage": "split", "outputs": [{"type": "word", "many": True}]},
        run_body(
            f"return ModuleResult(outputs={{'word': {{w: Output(data=w) for w in {names!r}}}}})"
        ),
    )
    bodies = {name: body for name, (body, _) in MISBEHAVIOUR.items()} | GOOD
    code = "".join(
        f"def {name}():\n    text = 'well'\n    {body}\n"
        "    return ModuleResult(outputs={'note': Output(data={'text': text})})\n\n"
        for name, body in bodies.items()
    )
    mended = project.folder / "mended"
    code += run_body(
        "context.record_cost(model='m', estimated_cost_usd=0.25)\n"
        f"    return globals()[context.entity_id if not Path({str(mended)!r}).exists() else 'is_chatty']()"
    )
    manifest = {
        "stage": "act",
        "inputs": {"word": {"type": "word"}},
        "outputs": [{"type": "note"}],
    }
    write_module(project.folder, "act_v1", manifest, code)
    schema = project.folder / "schemas" / "artifacts" / "note.schema.json"
    schema.write_text(
        '{"type": "object", "properties": {"text": {"type": "string"}}}', encoding="utf-8"
    )
    write_recipe(
        project.folder,
        [
            {"id": "split", "module": "split_v1"},
            {"id": "act", "module": "act_v1", "needs": ["split"], "for_each": "word"},
        ],
    )
    said = project.snakemake("--keep-going", status=1)
    for name, (_, message) in MISBEHAVIOUR.items():
        _, _, told = said.partition(f"act/{name} (act_v1) failed: ")
        told = told.partition("RuleException")[0]
        assert message in told, name
        assert f"/logs/act.{name}.log" in told
    assert "Traceback" not in said
    assert len(said) < 100_000
    made = {name for name in project.versions() if name.startswith("note/")}
    assert made == {f"note/{name}" for name in GOOD}
    assert len(project.load("note", "is_huge")["text"]) == 30_000_000
    assert not list((project.folder / "artifacts" / ".live").glob("scratch/*"))
    costs = json.loads(project.cineforge("costs", "--json", "--directory", str(project.folder)))
    assert costs["total"]["cost_usd"] == 0.25 * len(names)

    mended.touch()
    before, calls = project.versions(), project.module_calls()
    project.snakemake()
    assert project.new_since(before) == {f"note/{name}": 1 for name in MISBEHAVIOUR}
    assert project.module_calls() - calls == {"act": len(MISBEHAVIOUR)}


def test_a_module_that_hangs_is_ended_by_its_timeout(project: Project) -> None:
    made(project, run_body("time.sleep(600)"))
    write_recipe(project.folder, [{"id": "write_note", "module": "note_v1", "timeout": 1}])
    assert "ran longer than its timeout of 1 seconds" in project.snakemake(status=1)


def test_a_retry_sees_which_attempt_it_is(project: Project) -> None:
    code = run_body(
        "assert context.attempt == 3, 'not yet'\n"
        "    return ModuleResult(outputs={'note': Output(data=context.attempt)})"
    )
    made(project, code)
    write_recipe(project.folder, [{"id": "write_note", "module": "note_v1", "retries": 2}])
    project.snakemake()
    assert project.load("note") == 3
    assert project.versions()["note/_"] == [1]


def test_a_worker_starts_without_what_the_run_imported(project: Project) -> None:
    loaded = run_body("return ModuleResult(outputs={'note': Output(data=sorted(sys.modules))})")
    made(project, loaded).snakemake()
    assert "cineforge.running.worker" in project.load("note")
    assert "snakemake" not in project.load("note")


def test_an_error_while_deciding_ends_the_command_with_its_message(done_bob: Project) -> None:
    (done_bob.folder / "cyber_bob_ep1.fountain").rename(done_bob.folder / "cyber_bob_ep2.fountain")
    for targets in ([], ["current/scene_report/scene_1.json"], ["-n"], ["all_strip_board"]):
        said = done_bob.snakemake(*targets, status=1)
        assert "there is no file 'cyber_bob_ep1.fountain'" in said
        assert "did you mean 'cyber_bob_ep2.fountain'?" in said
        assert "Nothing to be done" not in said
        assert "Traceback" not in said


def test_until_beyond_a_fan_out_that_has_yet_to_run_names_the_command_to_type(
    bob: Project,
) -> None:
    said = bob.snakemake("--until", "scene_report", status=1)
    assert "lies beyond the fan-out 'breakdown'" in said
    command = said.strip().splitlines()[-1].split()
    assert command[:2] == ["snakemake", "-c2"]
    bob.snakemake(*command[1:])
    assert "scene_report/scene_3" in bob.versions()
    assert "strip_board/_" not in bob.versions()


def test_omit_from_beyond_a_fan_out_that_has_yet_to_run_names_the_command_to_type(
    bob: Project,
) -> None:
    said = bob.snakemake("--omit-from", "scene_report", status=1)
    bob.snakemake(*said.strip().splitlines()[-1].split()[1:])
    assert "scene/scene_3" in bob.versions()
    assert "scene_report/scene_3" not in bob.versions()


def test_until_works_natively_where_nothing_is_unknown(bob: Project) -> None:
    bob.snakemake("all_breakdown")
    bob.snakemake("all", "--until", "scene_report")
    assert "scene_report/scene_1" in bob.versions()
    assert "strip_board/_" not in bob.versions()
    # Snakemake asks about what lies beyond, and leaves it out: nothing has gone wrong.
    bob.snakemake("all", "--omit-from", "strip_board")
    assert "location_bible/park" in bob.versions()
    runs = json.loads(bob.cineforge("runs", "--directory", str(bob.folder), "--json"))
    assert [each["status"] for each in runs] == ["done"] * 3


def test_a_published_ticket_asked_for_by_hand_stays_what_it_is(done_bob: Project) -> None:
    before = done_bob.versions()
    ticket = "artifacts/scene_report/scene_1/v0001.json"
    done_bob.snakemake(ticket)
    done_bob.snakemake(ticket, "--force")
    done_bob.snakemake(ticket, "-F", status=None)
    assert (done_bob.folder / ticket).resolve() == done_bob.folder.resolve() / ticket.replace(
        ".json", "/data.json"
    )
    assert done_bob.versions()["scene_report/scene_1"] == before["scene_report/scene_1"]


def test_a_ticket_that_was_never_planned_is_refused(done_bob: Project) -> None:
    said = done_bob.snakemake("artifacts/scene_report/scene_1/v0007.json", status=1)
    assert "neither published nor planned: ask for current/scene_report/scene_1.json" in said


def test_work_that_a_run_is_doing_is_refused_and_a_dead_run_blocks_nobody(project: Project) -> None:
    running, worker = start_sleeping(project)

    said = project.snakemake(status=1)
    assert f"(process {running.pid} on " in said and ") is making note: wait for it, stop" in said
    project.snakemake("-n")

    running.send_signal(signal.SIGKILL)
    running.wait()
    assert_dies(worker)
    write_module(project.folder, "note_v1", NOTE, NOTE_CODE)
    project.snakemake()
    assert project.load("note") == {"text": "hello"}
    assert "Nothing to be done" in project.snakemake()


def start_sleeping(project: Project) -> tuple[subprocess.Popen[bytes], int]:
    """A run whose module sleeps, once it does; and the pid of its worker."""
    pid_file = project.folder / "pid"
    made(
        project,
        run_body(
            f"Path({str(pid_file)!r} + '.new').write_text(str(os.getpid()))\n"
            f"    os.rename({str(pid_file)!r} + '.new', {str(pid_file)!r}); time.sleep(600)"
        ),
    )
    command = [str(BIN / "snakemake"), "-s", str(ROOT / "Snakefile"), "-c2"]
    command += ["--directory", str(project.folder)]
    running = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    wait_for(pid_file)
    return running, int(pid_file.read_text())


def assert_dies(pid: int) -> None:
    deadline = time.monotonic() + 30
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(pid)


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never appeared"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


BAD_STORIES = {
    "empty": b"",
    "binary": bytes(range(256)) * 64,
    "one 5 MB line": b"a" * 5_000_000,
    "no scene": b"Title: Nothing\n\nJust a thought, and no scene at all.\n",
    "not UTF-8": "INT. CAFÉ - DAY\n\nRain.\n".encode("latin-1"),
}


@pytest.mark.parametrize("kind", BAD_STORIES)
def test_a_screenplay_that_cannot_be_read_is_one_clear_message(bob: Project, kind: str) -> None:
    (bob.folder / "cyber_bob_ep1.fountain").write_bytes(BAD_STORIES[kind])
    said = bob.snakemake(status=1)
    assert "ingest (fountain_ingest_v1) failed: " in said
    assert "cyber_bob_ep1.fountain" in said
    assert "Traceback" not in said
    assert bob.versions().keys() <= {"project_config/_"}


def test_a_name_that_repeats_itself_is_no_trap(bob: Project) -> None:
    scream = "INT. ROOM - DAY\n\nA man falls.\n\n" + "A" * 40 + "\nHelp!\n"
    (bob.folder / "cyber_bob_ep1.fountain").write_text(scream, encoding="utf-8")
    bob.snakemake()
    assert "character/aaa" in bob.versions()
    assert "Nothing to be done" in bob.snakemake()


def test_a_changed_input_is_never_handed_to_a_module(done_bob: Project) -> None:
    payload = done_bob.folder / "artifacts/scene/scene_1/v0001/data.json"
    good = payload.read_bytes()
    payload.chmod(0o644)
    payload.write_bytes(good.replace(b"PARK", b"PORK"))
    said = done_bob.snakemake("current/scene_report/scene_1.json", "-f", status=1)
    assert "the published scene/scene_1@1 was changed: restore it" in said
    assert done_bob.versions()["scene_report/scene_1"] == [1]


def test_a_lost_folder_is_said_and_reindex_goes_on_without_it(done_bob: Project) -> None:
    lost = done_bob.folder / "artifacts" / "scene_report" / "scene_2"
    lost.rename(done_bob.folder / "elsewhere")
    said = done_bob.snakemake(status=1)
    assert "scene_report/scene_2/v0001 is gone: restore it from a backup or a clone" in said
    done_bob.cineforge("reindex", "--directory", str(done_bob.folder))
    done_bob.snakemake()
    assert done_bob.versions()["scene_report/scene_2"] == [1]


def test_the_links_to_the_heads_come_back(done_bob: Project) -> None:
    links = sorted(path.name for path in (done_bob.folder / "current").glob("*/*"))
    shutil.rmtree(done_bob.folder / "current")
    done_bob.snakemake()
    assert sorted(path.name for path in (done_bob.folder / "current").glob("*/*")) == links


BAD_CONFIGS = {
    "recipe: 5\n": "config.yaml:1: recipe: must be a recipe's name or path",
    "recipe: screenplay\nproject: 5\n": "config.yaml:2: project: must hold keys and values",
    "recipe: echo\nrecipe: screenplay\n": "config.yaml:2: recipe: the key 'recipe' is already there",
    "recipe: screenplay\n": "the variable ${story} has no value",
    "recipe: screenpley\n": "did you mean 'screenplay'?",
    "[1]\n": "config.yaml:1: the top of the file must be a map",
    "": "config.yaml: the file is empty",
    "story: x.fountain\n": "no recipe is chosen",
}


@pytest.mark.parametrize("content", BAD_CONFIGS)
def test_a_mistake_in_config_yaml_is_told_with_its_place(bob: Project, content: str) -> None:
    (bob.folder / "config.yaml").write_text(content, encoding="utf-8")
    said = bob.snakemake(status=1)
    assert BAD_CONFIGS[content] in said
    assert "Traceback" not in said


def test_a_project_that_may_only_be_read_can_be_asked_what_would_run(done_echo: Project) -> None:
    readable = done_echo.folder.with_name("readable")
    readable.mkdir()
    mount = ["mount", "--bind", "-o", "ro", str(done_echo.folder), str(readable)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    try:
        film = Project(readable)
        assert "echo_mirror: forced" in film.snakemake("-n", "-F")
        said = film.snakemake(status=1)
        assert "cannot be written" in said and "Traceback" not in said
    finally:
        subprocess.run(["umount", str(readable)], check=True)
