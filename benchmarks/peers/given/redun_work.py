# mypy: ignore-errors
# ruff: noqa: ARG001
"""For redun: files are compared by their contents, as the other tools do."""

import steps
from redun import task
from redun.file import ContentFile

redun_namespace = "work"


@task()
def script(story: ContentFile) -> ContentFile:
    return ContentFile(steps.script())


@task()
def breakdown(script: ContentFile) -> list[ContentFile]:
    return [ContentFile(path) for path in steps.breakdown()]


@task()
def analysis(scene: ContentFile) -> ContentFile:
    return ContentFile(steps.analysis(scene.basename().removesuffix(".json")))


@task()
def analyses(scenes: list[ContentFile]) -> list[ContentFile]:
    return [analysis(scene) for scene in scenes]


@task()
def board(analyses: list[ContentFile]) -> ContentFile:
    return ContentFile(steps.board())


@task()
def main() -> ContentFile:
    return board(analyses(breakdown(script(ContentFile("story.txt")))))


@task()
def numbered(scenes: list[ContentFile], number: int) -> ContentFile:
    return analysis(scenes[number - 1])


@task()
def one(number: int) -> ContentFile:
    return numbered(breakdown(script(ContentFile("story.txt"))), number)
