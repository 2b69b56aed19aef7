"""``sweeper explore``: questions, from their names to their answers."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.data import places
from sweeper.errors import InputError
from sweeper.jobs.scores import measure_of
from sweeper.questions.ask.flags import from_flags
from sweeper.questions.ask.prepare import prepare
from sweeper.questions.ask.question import Question, load, questions
from sweeper.study.plan import Note, ignore
from sweeper.study.session import Session, recording, workers
from sweeper.workers.cluster import HERE_ALONE, Cluster

if TYPE_CHECKING:
    from sweeper.questions.run.explorer import ExploreObserver


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked, and how.

    Attributes:
        names: of questions, or their files.
        every: all questions that there are.
        scientific, nuisance: ``KEY=SWEEP`` each: a question without a file.
        budget: trials of the search; the question's own where None.
        quick: minutes instead of hours.
        test: open the sealed test split once, at the end.
        overrides: ``KEY=VALUE`` each, for all questions.
        config_dir: a user's own config folder.
        workers: processes; 0 for one a core, or as many as the cluster has room for.
        deadline: seconds that a trial may take; 0 for no limit.
        memory: bytes that each worker may take; 0 for no limit.
        objective: the score to compare by; accuracy where empty or, of numbers, their RMSE.
        cluster: where the workers run.
    """

    names: Sequence[str] = ()
    every: bool = False
    scientific: Sequence[str] = ()
    nuisance: Sequence[str] = ()
    budget: int | None = None
    quick: bool = False
    test: bool = False
    overrides: Sequence[str] = field(default=())
    config_dir: Path | None = None
    workers: int = 0
    deadline: float = 0.0
    memory: int = 0
    objective: str = ""
    cluster: Cluster = HERE_ALONE


def explore(inquiry: Inquiry, *, runs: Path = Path("runs"), observe: ExploreObserver = ignore) -> dict[str, Any]:
    """Answer questions by experiment; what was begun goes on.

    Args:
        inquiry: what is asked.
        runs: where everything is recorded.
        observe: is given notes and everything that goes on.

    Returns:
        ``answers``, each with ``question``, ``answer`` (its sentences), ``conditions``, ``pairs``, ``warnings`` and
        more, its ``study`` and the files of its ``report``; and ``contents``, the report of all of them (None for a
        single one). Of a single question, its answer's keys stand beside these.

    Raises:
        InputError: a question breaks a rule, or its data are not to be had; nothing was written.
        InterruptedRunError: Ctrl-C; what is finished is kept, and the same again goes on.
        SweeperError: the trials of a question failed.
    """
    asked = _asked(inquiry)
    begun = _check(inquiry, [question for _, question in asked], runs)
    # Of what was begun before, nothing may be left to run: then no worker starts early.
    started = partial(workers, runs, inquiry.workers, at_once=not begun, cluster=inquiry.cluster)
    with started(deadline=inquiry.deadline, memory=inquiry.memory) as pool:
        from sweeper.questions.run.explorer import explore as answer
        from sweeper.questions.run.explorer import jobs, publish_all

        again = {id(question): _again(inquiry, word, runs) for word, question in asked}
        ready = jobs(
            [question for _, question in asked],
            inquiry.overrides,
            quick=inquiry.quick,
            config_dir=inquiry.config_dir,
            command=lambda question: again[id(question)],
            runs=runs,
            objective=inquiry.objective,
            measure=measure_of,
        )
        for line in dict.fromkeys(text for job in ready for text in job.data.notes):
            observe(Note(line))
        with recording(runs, observe) as tracker:
            for job in ready:
                places.note_file(job.data.facts)
            opening = _opening(runs, tracker.flush) if inquiry.test else None
            answered = answer(ready, Session(runs, pool, tracker, observe), announce=observe, opening=opening)
            documents = [
                one.answer.to_json() | {"study": one.study, "report": _files(one.published)} for one in answered
            ]
            contents = str(publish_all(answered, runs).html) if len(answered) > 1 else None
    single = documents[0] if len(documents) == 1 else {}
    return {"answers": documents, "contents": contents} | single


def listing(config_dir: Path | None = None) -> list[dict[str, str]]:
    """The questions that there are: name and title."""
    found = [load(name, config_dir) for name in questions(config_dir)]
    return [{"name": question.name, "title": question.title} for question in found]


def _asked(inquiry: Inquiry) -> list[tuple[str, Question]]:
    """Each question with the word that asks it; "" for one that flags ask."""
    if inquiry.scientific or inquiry.nuisance:
        if inquiry.names or inquiry.every:
            raise InputError("--scientific and --nuisance ask a question of their own", hint="leave the names out")
        return [("", from_flags(inquiry.scientific, inquiry.nuisance, inquiry.budget))]
    if inquiry.names and inquiry.every:
        raise InputError("--all asks every question", hint="leave the names out, or --all")
    words = dict.fromkeys(questions(inquiry.config_dir) if inquiry.every else inquiry.names)
    if not words:
        raise InputError(
            "no question is asked",
            hint="name one, or --all; --list shows them",
            key="question",
            instead=next(((text, f"--scientific {text}") for text in inquiry.overrides if "," in text), None),
        )
    return [(word, _budgeted(load(word, inquiry.config_dir), inquiry.budget)) for word in words]


def _check(inquiry: Inquiry, asked: Sequence[Question], runs: Path) -> bool:
    """Say what is wrong with what is asked before anything is loaded; whether some of it may have been begun before."""
    found = [prepare(one, inquiry.overrides, quick=inquiry.quick, config_dir=inquiry.config_dir) for one in asked]
    names = {one.study("").rpartition("-")[0] for one in found}
    return any(any((runs / "studies").glob(f"{name}-*")) for name in names)


def _budgeted(question: Question, budget: int | None) -> Question:
    if budget is None:
        return question
    quick = {**question.quick, "budget": budget} if question.quick else {}
    return replace(question, budget=budget, quick=quick)


def _again(inquiry: Inquiry, word: str, runs: Path) -> str:
    """The command that asks one of the questions again."""
    options: list[str] = []
    if not word:
        options += [text for sweep in inquiry.scientific for text in ("--scientific", sweep)]
        options += [text for sweep in inquiry.nuisance for text in ("--nuisance", sweep)]
    options += ["--budget", str(inquiry.budget)] if inquiry.budget is not None else []
    options += ["--quick"] if inquiry.quick else []
    options += ["--objective", inquiry.objective] if inquiry.objective else []
    options += ["--test"] if inquiry.test else []
    options += ["--config-dir", str(inquiry.config_dir)] if inquiry.config_dir else []
    options += ["--runs", str(runs)] if runs != Path("runs") else []
    return shlex.join(["sweeper", "explore", *([word] if word else []), *inquiry.overrides, *options])


def _opening(runs: Path, flush: Callable[[], int]) -> Any:
    from sweeper.jobs.shared.explore_opening import open_for_all

    return partial(open_for_all, runs=runs, flush=flush)


def _files(published: Any) -> dict[str, str]:
    return {kind: str(getattr(published, kind)) for kind in ("html", "markdown", "json")}
