"""Answer questions one after the other: prepare, experiment, answer, publish."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sweeper.config.grammar import types
from sweeper.config.metrics import REGRESSION
from sweeper.config.with_data import GIVE_WAY, as_before
from sweeper.data import load
from sweeper.errors import InputError
from sweeper.questions.analyses import answer
from sweeper.questions.ask.data import Ground
from sweeper.questions.ask.prepare import Prepared, prepare
from sweeper.questions.ask.question import Question
from sweeper.questions.experiment_results import Results, Tested
from sweeper.questions.run.engine import experiment
from sweeper.questions.run.forecast import Forecast, forecast
from sweeper.report.answer.answer import Answer
from sweeper.report.answer.report import publish_answer, publish_answers
from sweeper.report.documents.publish import Published
from sweeper.report.facts import ACCURACY, Measure
from sweeper.study.objectives import DEFAULT, check_score, default_of
from sweeper.study.plan import SweepEvent, ignore
from sweeper.study.session import Data, Session
from sweeper.system.signals import listen
from sweeper.tracking.base import Tracker


@dataclass(frozen=True)
class Job:
    """A question that is ready to run, with the facts of its data.

    Attributes:
        command: that asks it again.
        measure: of what is compared.
    """

    prepared: Prepared
    data: Data
    command: str
    measure: Measure = ACCURACY

    @property
    def study(self) -> str:
        """Where its trials are kept."""
        return self.prepared.study(str(self.data.facts["digest"]))

    @property
    def forecast(self) -> Forecast:
        """How many trials there will be, and what they may take."""
        return forecast(self.prepared, self.data.facts["sizes"])


@dataclass(frozen=True)
class Asked:
    """Told before a question's experiment begins.

    Attributes:
        jobs: everything that is asked.
        place: of this question among them, from 0.
    """

    jobs: Sequence[Job]
    place: int


@dataclass(frozen=True)
class Answered:
    """An answer, and where its report is."""

    answer: Answer
    published: Published
    study: str


ExploreObserver = Callable[[SweepEvent | Asked | Answered], None]
"""Is given each event of a sweep, and those of questions."""

Opening = Callable[[Sequence[tuple[Job, Results]]], Sequence[Tested | None]]
"""Opens the sealed test split once for everything that was asked; what it said to each question."""


def jobs(
    questions: Sequence[Question],
    overrides: Sequence[str],
    *,
    quick: bool = False,
    config_dir: Path | None = None,
    command: Callable[[Question], str] = lambda question: f"sweeper explore {question.name}",
    runs: Path | None = None,
    objective: str = "",
    measure: Callable[[str], Measure] = lambda _: ACCURACY,
) -> list[Job]:
    """Everything that is asked, checked before anything runs.

    Args:
        questions: what is asked.
        overrides: the user's.
        quick: fewer steps and repeats.
        config_dir: a user's own folder.
        command: that asks a question again.
        runs: where earlier studies are: one that is bound to its data by an earlier rule keeps to that.
        objective: the score to compare by; empty for the usual one of the data.
        measure: how the numbers of an objective are shown.

    Raises:
        InputError: a question breaks a rule, or its data are not to be had.
    """

    def ready(question: Question, *more: str) -> Prepared:
        return prepare(question, (*overrides, *more), quick=quick, config_dir=config_dir, objective=objective)

    from sweeper.study.study_record import exists

    ground = Ground()
    found = []
    for question in questions:
        prepared = ready(question)
        first = ground.data(prepared, free=[key for key in GIVE_WAY if not _asks_for(prepared, key)])
        if first.settled:
            prepared = _as_begun(ready, question, first, runs)
        data = _data(ground, prepared, runs)
        if not (runs and exists(runs, prepared.study(str(data.facts["digest"])))):
            ground.check_draws(prepared)
        score = _score(prepared, data)
        found.append(Job(prepared, replace(data, notes=first.notes), command(question), measure(score)))
    return found


def explore(
    asked: Sequence[Job],
    session: Session,
    *,
    announce: Callable[[Asked | Answered], None] = ignore,
    opening: Opening | None = None,
) -> list[Answered]:
    """Answer the questions, each as soon as its trials are there; what was run before is not run again.

    Args:
        asked: the questions.
        session: with the workers, the tracker, and who is given the events of each sweep.
        announce: is given the events of the questions.
        opening: opens the test split when all experiments are done; the answers then wait for it.

    Raises:
        InterruptedRunError: Ctrl-C; the answers so far are published, and the same command goes on.
        SweeperError: the trials of a question all failed.
    """
    with listen():  # to what comes between two sweeps, too
        ran: list[tuple[Job, Results]] = []
        found: list[Answered] = []
        for place, job in enumerate(asked):
            announce(Asked(asked, place))
            ran.append((job, _experiment(job, session)))
            if opening is None:
                found.append(_answered(*ran[-1], session))
                announce(found[-1])
        if opening is not None:
            for (job, results), tested in zip(ran, opening(ran), strict=True):
                found.append(_answered(job, replace(results, tested=tested), session))
                announce(found[-1])
        return found


def publish_all(answered: Sequence[Answered], runs: Path) -> Published:
    """One report of all answers, with a page of contents."""
    return publish_answers([one.answer for one in answered], runs / "reports")


def _asks_for(prepared: Prepared, key: str) -> bool:
    question = prepared.question
    keys = {*question.scientific, *question.nuisance, *question.candidates}
    return key in keys or any(types((*c.overrides, *question.fixed), key) for c in prepared.conditions)


def _as_begun(ready: Callable[..., Prepared], question: Question, data: Data, runs: Path | None) -> Prepared:
    """The question with what gives way to its data: by the rule of its study, if that was begun by an earlier one."""
    from sweeper.study.study_record import exists

    before = ready(question, *replace(data, settled=as_before(data.settled)).overrides)
    digests = (str(data.facts["digest"]), *data.earlier)
    if runs and any(exists(runs, before.study(digest)) for digest in digests):
        return before
    return ready(question, *data.overrides)


def _data(ground: Ground, prepared: Prepared, runs: Path | None) -> Data:
    from sweeper.study.study_record import bound_to

    data = ground.data(prepared)
    for digest in data.earlier if runs else ():
        if runs and bound_to(runs, prepared.study(digest)).digest == digest:
            return ground.data(prepared, digest)
    return data


def _experiment(job: Job, session: Session) -> Results:
    config = job.prepared.conditions[0].config
    return experiment(
        job.prepared,
        session,
        data=job.data.facts,
        load=lambda: load(config.dataset, config.validation, str(job.data.facts["digest"])),
        command=job.command,
        measure=job.measure,
    )


def _score(prepared: Prepared, data: Data) -> str:
    """The objective to compare by.

    Raises:
        InputError: the data have none of that name, or the question is about accuracy.
    """
    name = prepared.objective or default_of(data.task)
    check_score(name, data.task)
    question = prepared.question
    if name != DEFAULT and question.analysis != "compare":
        why = "and the target is a number" if data.task == REGRESSION else f"not of {name.rpartition('.')[2]}"
        raise InputError(
            f"question {question.name}: its analysis ({question.analysis}) is of the accuracy of classes, {why}",
            hint="ask with --scientific KEY=SWEEP, which only compares",
            key="question",
        )
    return name


def _answered(job: Job, results: Results, session: Session) -> Answered:
    made = answer(results)
    published = publish_answer(made, session.runs / "reports")
    _attach(job.study, published, session.tracker)
    return Answered(made, published, job.study)


def _attach(study: str, published: Published, tracker: Tracker) -> None:
    """Put the report on the study's parent run."""
    run = tracker.open_study(study, {"report": published.folder.name})
    pictures = sorted(published.folder.glob("*/*.png"))
    files = [(path, "report") for path in (published.html, published.markdown, published.json)]
    tracker.update(run, artifacts=[*files, *((path, f"report/{path.parent.name}") for path in pictures)])
    tracker.close_study(study, "finished", {})
