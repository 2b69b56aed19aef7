"""Answer questions one after the other: prepare, experiment, answer, publish."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweeper.config.compose import compose
from sweeper.data import load
from sweeper.errors import InputError
from sweeper.questions.answers import answer
from sweeper.questions.engine import experiment, study_name
from sweeper.questions.prepare import Prepared, prepare
from sweeper.questions.question import Question, check
from sweeper.report.answer import Answer
from sweeper.report.answer_document import publish_answer, publish_answers
from sweeper.report.publish import Published
from sweeper.study.driver import Observe
from sweeper.study.workers.base import Pool
from sweeper.study.workshop import Data, read_data
from sweeper.tracking.base import Tracker


@dataclass(frozen=True)
class Job:
    """A question that is ready to run, with the facts of its data.

    Attributes:
        command: that asks it again.
    """

    prepared: Prepared
    data: Data
    command: str

    @property
    def study(self) -> str:
        """Where its trials are kept."""
        return study_name(self.prepared, str(self.data.facts["digest"]))

    @property
    def trials(self) -> int:
        """How many there will be in all."""
        repeats = 0 if self.prepared.question.candidates else self.prepared.question.repeats
        return len(self.prepared.conditions) * (len(self.prepared.draws) + repeats)


@dataclass(frozen=True)
class Asked:
    """Told before a question's experiment begins.

    Attributes:
        place: of the question among all, from 1.
        of: how many there are.
    """

    job: Job
    place: int
    of: int


@dataclass(frozen=True)
class Answered:
    """An answer, and where its report is."""

    answer: Answer
    published: Published
    study: str


def jobs(
    questions: Sequence[Question],
    overrides: Sequence[str],
    *,
    quick: bool = False,
    config_dir: Path | None = None,
    command: Callable[[Question], str] = lambda question: f"sweeper explore {question.name}",
) -> list[Job]:
    """Everything that is asked, checked before anything runs.

    Raises:
        InputError: a question breaks a rule, or its data are not to be had.
    """
    made = []
    for question in questions:
        prepared = prepare(question, overrides, quick=quick, config_dir=config_dir)
        data = read_data(compose(prepared.conditions[0].overrides, config_dir))
        made.append(Job(prepared, data, command(question)))
    return made


def explore(
    asked: Sequence[Job], *, runs: Path, pool: Pool, tracker: Tracker, observe: Observe = lambda _: None
) -> list[Answered]:
    """Answer the questions, each as soon as its trials are there; what was run before is not run again.

    Raises:
        InterruptedRunError: Ctrl-C; the answers so far are published, and the same command goes on.
        SweeperError: the trials of a question all failed.
    """
    found = []
    for place, job in enumerate(asked, 1):
        observe(Asked(job, place, len(asked)))
        found.append(_answered(job, runs, pool, tracker, observe))
        observe(found[-1])
    return found


def publish_all(answered: Sequence[Answered], runs: Path) -> Published:
    """One report of all answers, with a page of contents."""
    return publish_answers([one.answer for one in answered], runs / "reports")


def from_flags(scientific: Sequence[str], nuisance: Sequence[str], budget: int | None) -> Question:
    """A question asked on the command line alone.

    Raises:
        InputError: nothing is compared, or something breaks a rule.
    """
    compared, tuned = _mapping(scientific, "scientific"), _mapping(nuisance, "nuisance")
    name = "-".join(compared) or "question"
    asks = f"Compare {', '.join(scientific)}" + (f", each at its own best of {', '.join(nuisance)}" if nuisance else "")
    given = budget if budget is not None else (40 if tuned else 0)
    return check(
        Question(name, f"Which {' and '.join(compared)} is best?", asks, compared, nuisance=tuned, budget=given)
    )


def _mapping(texts: Sequence[str], option: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not (key and equals and value):
            raise InputError(f"--{option} {text}: not KEY=SWEEP", hint="such as activation=relu,tanh", key=option)
        pairs[key] = value
    return pairs


def _answered(job: Job, runs: Path, pool: Pool, tracker: Tracker, observe: Observe) -> Answered:
    config = compose(job.prepared.conditions[0].overrides)
    results = experiment(
        job.prepared,
        data=job.data.facts,
        load=lambda: load(config.dataset, config.validation),
        runs=runs,
        pool=pool,
        tracker=tracker,
        observe=observe,
        command=job.command,
    )
    made = answer(results)
    published = publish_answer(made, runs / "reports")
    _attach(job.study, published, tracker)
    return Answered(made, published, job.study)


def _attach(study: str, published: Published, tracker: Tracker) -> None:
    """Put the report on the study's parent run."""
    run = tracker.open_study(study, {"report": published.folder.name})
    pictures = sorted(published.folder.glob("*/*.png"))
    files = [(path, "report") for path in (published.html, published.markdown, published.json)]
    tracker.update(run, artifacts=[*files, *((path, f"report/{path.parent.name}") for path in pictures)])
    tracker.close_study(study, "finished", {})
