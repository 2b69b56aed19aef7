"""``sweeper explore``: questions answered by experiment."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweeper.cli.options import RUNS, ConfigDir, Json, Runs
from sweeper.cli.render import bold, emit, note, table, warn

if TYPE_CHECKING:
    from sweeper.questions.explore import Answered
    from sweeper.questions.question import Question


def explore(
    *,
    asked: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[QUESTION|FILE.yaml|KEY=VALUE]...",
            help="Questions by name or file, and config keys to fix for all of them.",
            show_default=False,
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All of the tutorial's questions, in one report.")] = False,
    names: Annotated[bool, typer.Option("--list", help="List the questions.")] = False,
    scientific: Annotated[
        list[str] | None, typer.Option(metavar="KEY=SWEEP", help="Ask without a file: what is compared.")
    ] = None,
    nuisance: Annotated[
        list[str] | None, typer.Option(metavar="KEY=SWEEP", help="What is tuned for each condition.")
    ] = None,
    budget: Annotated[
        int | None, typer.Option(min=1, help="Trials of the nuisance search, over all conditions.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Minutes instead of hours, on 5,000 digits.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes; else one a core.")] = None,
    config_dir: ConfigDir = None,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Answer questions by experiment: conditions compared with repeats, intervals and a verdict.

    Each answer is a report in runs/reports: HTML, Markdown, PNG and JSON. Asked again, a question goes
    on where it stood.
    """
    from sweeper.questions.question import load, questions

    words = asked or []
    if names:
        found = [load(name, config_dir) for name in questions(config_dir)]
        emit([{"name": q.name, "title": q.title} for q in found], lambda: _listing(found), as_json=as_json)
        return
    chosen = _chosen(
        [word for word in words if "=" not in word], every, scientific or [], nuisance or [], budget, config_dir
    )
    overrides = [word for word in words if "=" in word]
    answered, contents = _explore(chosen, overrides, quick, workers, config_dir, runs)
    emit(
        {"answers": [_document(one) for one in answered], "report": contents},
        lambda: _text(answered, contents),
        as_json=as_json,
    )


def _chosen(
    names: Sequence[str],
    every: bool,
    scientific: Sequence[str],
    nuisance: Sequence[str],
    budget: int | None,
    config_dir: Path | None,
) -> list[Question]:
    from dataclasses import replace

    from sweeper.errors import InputError
    from sweeper.questions.explore import from_flags
    from sweeper.questions.question import load, questions

    if scientific or nuisance:
        if names or every:
            raise InputError("--scientific and --nuisance ask a question of their own", hint="leave the names out")
        return [from_flags(scientific, nuisance, budget)]
    found = [load(name, config_dir) for name in (questions(config_dir) if every else names)]
    if not found:
        raise InputError("no question is asked", hint="name one, or --all; --list shows them", key="question")
    return [replace(question, budget=budget) if budget else question for question in found]


def _explore(
    chosen: Sequence[Question],
    overrides: Sequence[str],
    quick: bool,
    size: int | None,
    config_dir: Path | None,
    runs: Path,
) -> tuple[list[Answered], str | None]:
    from sweeper.cli.explore_progress import ExploreProgress
    from sweeper.questions.explore import explore as answers
    from sweeper.questions.explore import jobs, publish_all
    from sweeper.study.workshop import cores, workers
    from sweeper.tracking.mlflow_tracker import MlflowTracker

    ready = jobs(chosen, overrides, quick=quick, config_dir=config_dir, command=lambda q: _again(q, overrides, quick))
    for line in dict.fromkeys(text for job in ready for text in job.data.notes):
        note(warn(line))
    with workers(runs, size or cores()) as pool, MlflowTracker(runs) as tracker, ExploreProgress() as progress:
        answered = answers(ready, runs=runs, pool=pool, tracker=tracker, observe=progress)
    contents = str(publish_all(answered, runs).html) if len(answered) > 1 else None
    return answered, contents


def _again(question: Question, overrides: Sequence[str], quick: bool) -> str:
    flags = [*(["--quick"] if quick else []), *map(shlex.quote, overrides)]
    return " ".join(["sweeper explore", question.name, *flags])


def _listing(found: Sequence[Question]) -> str:
    return table(["question", "what it asks"], [(question.name, question.title) for question in found])


def _document(one: Answered) -> dict[str, object]:
    reports = {"html": one.published.html, "markdown": one.published.markdown, "json": one.published.json}
    return one.answer.to_json() | {"study": one.study, "report": {kind: str(path) for kind, path in reports.items()}}


def _text(answered: Sequence[Answered], contents: str | None) -> str:
    parts = [_one(one) for one in answered]
    return "\n\n".join([*parts, *([f"All answers: {contents}"] if contents else [])])


def _one(one: Answered) -> str:
    answer = one.answer
    lines = [bold(answer.title), " ".join(answer.sentences)]
    if answer.conditions:
        rows = [
            (
                c.name,
                c.value,
                f"{c.interval.low:.4f} to {c.interval.high:.4f}" if c.interval else "",
                c.train,
                c.gap,
                c.verdict,
            )
            for c in answer.conditions
        ]
        lines.append(table(["condition", "validation", "95 % interval", "training", "gap", "verdict"], rows))
    lines += [warn(f"! {warning}") for warning in answer.warnings]
    return "\n".join([*lines, f"Report: {one.published.html}"])
