"""``sweeper test``: the sealed test split, opened once for a chosen configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sweeper.config.schema import as_long
from sweeper.data import SEALED, places, sealed
from sweeper.errors import InputError, SweeperError
from sweeper.jobs.confirm.confirmation import confirmation
from sweeper.jobs.scores import of_folds, scored
from sweeper.jobs.shared.opening import LEDGER, is_recorded, open_test_split, record_opening, recorded_opening
from sweeper.jobs.shared.opening_report import REFIT, Subject
from sweeper.jobs.shared.study_page import describe
from sweeper.jobs.shared.subjects import subject
from sweeper.jobs.shared.training import train
from sweeper.report.facts import ordinal
from sweeper.study.another import check_sealed
from sweeper.study.plan import Note, Observer, ignore
from sweeper.study.session import check_writable, recording, workers
from sweeper.study.study_record import exists, load_study
from sweeper.system.files import temporary_folder
from sweeper.tracking import Tracker, open_reader
from sweeper.tracking.models import model_files
from sweeper.tracking.recorded import Recorded
from sweeper.trial import TrialSpec
from sweeper.workers.cluster import HERE_ALONE, Cluster


def score_on_test(
    called: str,
    *,
    runs: Path,
    who: str = "",
    refit: bool = False,
    threads: int = 1,
    cluster: Cluster = HERE_ALONE,
    observe: Observer = ignore,
) -> dict[str, Any]:
    """Score a recorded run, trial or study's winner on the test split; asked again, show what was found then.

    What an earlier call did not live to write, the report or the run's record, is written from the ledger.

    Args:
        called: the run's id, the beginning of it, or its name; ``STUDY``, or ``STUDY:N``.
        runs: where everything is recorded.
        who: asks; this process's user if it is not given.
        refit: also train on training and validation examples together, for as many steps, and score that.
        threads: that the training may use.
        cluster: where it runs.
        observe: is given what is about to be opened, and the training's reports.

    Returns:
        ``run_id``, ``title``, ``config``, ``overrides``, ``dataset``, ``validation``; ``test`` and ``refit`` (None
        unless it was asked for), each as ``open_test_split`` gives it.

    Raises:
        InputError: there is no such run, it did not finish, or its data are not there; nothing was opened.
        SweeperError: its models are gone.
    """
    found = subject(called, runs)
    check_writable(runs)
    places.use_runs(runs)
    plain = _subject(found)
    asked = _AskedOpening(found, runs, who, threads, cluster, observe)
    tested = asked.opening(
        plain, lambda: nullcontext(model_files(open_reader(runs), found.run_id)), "its recorded model"
    )
    again = None
    if refit:
        trained = replace(plain, run=found.run_id + REFIT, notes=(_REFITTED,))
        again = asked.opening(trained, asked.trained_again, "a model trained again")
    return _document(found, tested, again)


_REFITTED = (
    "Trained again on training and validation examples together, for the recorded number of steps: there is no "
    "validation score that could say how well that went."
)


def _subject(found: Recorded) -> Subject:
    record, result = found.record, found.record.result
    if result.status != "finished" or record.interrupted:
        why = result.failure.message if result.failure else record.interrupted or "it was pruned"
        raise InputError(f"the run {found.title} did not finish: {why}", hint="test one that did", key="run")
    scores = result.validation
    value = scores.mean(scores.main) if scores else None
    return Subject(found.config, (), found.run_id, str(result.data.get("digest", "")), found.title, value)


@dataclass(frozen=True)
class _AskedOpening:
    """Who asks what of the test split."""

    found: Recorded
    runs: Path
    who: str
    threads: int
    cluster: Cluster
    observe: Observer

    def opening(
        self, subject: Subject, models: Callable[[], AbstractContextManager[Sequence[Path]]], what: str
    ) -> dict[str, Any]:
        """What the ledger has, or else an opening; either way it is on the run's record afterwards."""
        opening = recorded_opening(subject, self.runs)
        if opening is not None and is_recorded(subject, opening, self.found.facts):
            return opening
        with recording(self.runs, self.observe) as tracker:
            if opening is None:
                self._check_sealed()
                with models() as files:
                    opening = self._open(replace(subject, models=files), what)
            record_opening(tracker, self.found.run_id, subject, opening)
            self._describe_study(tracker)
        return opening

    def _check_sealed(self) -> None:
        """Before anything is trained or opened: whether the test rows are those that the run has never seen."""
        config, data = self.found.config, self.found.record.result.data
        raw = sealed.training(config.dataset, str(data.get("digest", "")), config.validation)
        hint = "or train it again with the file of today"
        check_sealed(data, {SEALED: raw.sealed, "seal": raw.seal}, f"{self.found.title} was trained", hint)

    def _describe_study(self, tracker: Tracker) -> None:
        """Its study says how often the test split was opened; one that is stored elsewhere says what it said."""
        study = self.found.record.study
        if study and exists(self.runs, study):
            record = load_study(self.runs, study)
            describe(record, confirmation(self.runs, record), self.runs, tracker)

    def _open(self, subject: Subject, what: str) -> dict[str, Any]:
        config, ledger = subject.config, self.runs / LEDGER
        unopened = sealed.unopened(config.dataset, config.validation, ledger=ledger, data_digest=subject.digest)
        self.observe(
            Note(
                f"opens the test split of {unopened.name} ({unopened.examples:,} examples) for {self.found.title}, "
                f"{what}: {ordinal(unopened.openings + 1)} opening of this test set{_of_others(unopened)}"
            )
        )
        return open_test_split(subject, runs=self.runs, who=self.who)

    @contextmanager
    def trained_again(self) -> Iterator[list[Path]]:
        """Models of the same configuration and steps, trained on everything that is not sealed."""
        result = self.found.record.result
        config = as_long(self.found.config, result.steps, result.kept, int(result.data["sizes"]["train"]))
        with temporary_folder(self.runs, "refit") as folder:
            key, digest, which = f"refit/{self.found.title}", result.data.get("digest", ""), result.data.get(SEALED, "")
            spec = TrialSpec(key, config.to_dict(), str(digest), str(folder), refit=True, sealed=str(which))
            with workers(self.runs, 1, threads=self.threads, cluster=self.cluster) as pool:
                trained = train([spec], spec.key, pool, self.observe).result
            if trained.failure:
                raise SweeperError(f"training it again failed: {trained.failure.message}")
            yield [Path(model) for model in trained.models]


def _of_others(unopened: sealed.Unopened) -> str:
    """That openings were of other data, which a person who has not opened these would wonder at."""
    earlier, others = unopened.openings, unopened.of_others
    if not others:
        return ""
    which = "the earlier one was" if earlier == 1 else f"{others} of the {earlier} earlier ones {_were(others)}"
    return f"; {which} of another file, or of this one read otherwise, that shares its test rows"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _document(found: Recorded, tested: dict[str, Any], refit: dict[str, Any] | None) -> dict[str, Any]:
    record, result = found.record, found.record.result
    assert result.validation is not None  # it finished
    return {
        "run_id": found.run_id,
        "title": found.title,
        "study": record.study or None,
        "number": record.number,
        "config": found.config.to_dict(),
        "overrides": list(record.overrides),
        "dataset": result.data,
        "validation": scored(result, chosen_on="validation" if record.study else "") | of_folds(result),
        "test": tested,
        "refit": refit,
    }
