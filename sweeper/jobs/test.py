"""``sweeper test``: the sealed test split, opened once for a chosen configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sweeper.data import places, sealed
from sweeper.errors import InputError, SweeperError
from sweeper.jobs.shared.opening import LEDGER, REFIT, Subject, keep, look, recorded
from sweeper.jobs.shared.recording import recording
from sweeper.jobs.shared.scores import scored
from sweeper.jobs.shared.subjects import subject
from sweeper.jobs.shared.training import train
from sweeper.report.facts import ordinal
from sweeper.study.events import Note
from sweeper.study.resources import check_writable, workers
from sweeper.system.temporary import temporary_folder
from sweeper.tracking.models import model_files
from sweeper.tracking.recorded import Recorded
from sweeper.trial import TrialSpec

Observe = Callable[[object], None]


def score_on_test(
    called: str, *, runs: Path, who: str = "", refit: bool = False, threads: int = 1, observe: Observe = lambda _: None
) -> dict[str, Any]:
    """Score a recorded run, trial or study's winner on the test split; asked again, show what was found then.

    Args:
        called: the run's id, the beginning of it, or its name; ``STUDY``, or ``STUDY:N``.
        runs: where everything is recorded.
        who: asks; this process's user if it is not given.
        refit: also train on training and validation examples together, for as many steps, and score that.
        threads: that the training may use.
        observe: told what is about to be opened, and of the training's reports.

    Returns:
        ``run_id``, ``title``, ``config``, ``overrides``, ``dataset``, ``validation``; ``test`` and ``refit`` (None
        unless it was asked for), each as ``look`` gives it.

    Raises:
        InputError: there is no such run, it did not finish, or its data are not there; nothing was opened.
        SweeperError: its models are gone.
    """
    found = subject(called, runs)
    check_writable(runs)
    places.use_runs(runs)
    plain = _subject(found)
    looked = {"test": recorded(plain, runs)}
    if looked["test"] is None:
        models = model_files(runs, found.run_id)
        looked["test"] = _open(replace(plain, models=models), "its recorded model", found, runs, who, observe)
    if refit:
        looked["refit"] = _refitted(plain, found, runs, who, threads, observe)
    return _document(found, looked)


def _refitted(
    plain: Subject, found: Recorded, runs: Path, who: str, threads: int, observe: Observe
) -> dict[str, Any] | None:
    refitted = replace(plain, run=found.run_id + REFIT, notes=(_REFITTED,))
    kept = recorded(refitted, runs)
    if kept is not None:
        return kept
    with _trained_again(found, runs, threads, observe) as models:
        return _open(replace(refitted, models=models), "a model trained again", found, runs, who, observe)


_REFITTED = (
    "Trained again on training and validation examples together, for the recorded number of steps: there is no "
    "validation score that could say how well that went."
)


def _subject(found: Recorded) -> Subject:
    record, result = found.record, found.record.result
    if result.status != "finished" or record.interrupted:
        why = result.failure.message if result.failure else record.interrupted or "it was pruned"
        raise InputError(f"the run {found.title} did not finish: {why}", hint="test one that did", key="run")
    accuracy = result.validation.mean_accuracy if result.validation else None
    return Subject(found.config, (), found.run_id, str(result.data.get("digest", "")), found.title, accuracy)


def _open(subject: Subject, what: str, found: Recorded, runs: Path, who: str, observe: Observe) -> dict[str, Any]:
    config = subject.config
    unopened = sealed.unopened(config.dataset, config.validation, ledger=runs / LEDGER, data_digest=subject.digest)
    observe(
        Note(
            f"opens the test split of {unopened.name} ({unopened.examples:,} examples) for {found.title}, {what}: "
            f"{ordinal(unopened.openings + 1)} opening of this test set"
        )
    )
    with recording(runs, observe) as tracker:
        looked = look(subject, runs=runs, who=who)
        keep(tracker, found.run_id, looked, refit=subject.run.endswith(REFIT))
    return looked


@contextmanager
def _trained_again(found: Recorded, runs: Path, threads: int, observe: Observe) -> Iterator[list[Path]]:
    """Models of the same configuration and steps, trained on everything that is not sealed."""
    config = replace(found.config, steps=found.record.result.steps, epochs=None)
    with temporary_folder(runs, "refit") as folder:
        digest = str(found.record.result.data.get("digest", ""))
        spec = TrialSpec(f"refit/{found.title}", config.to_dict(), digest, str(folder), refit=True)
        with workers(runs, 1, threads=threads) as pool:
            result = train([spec], spec.key, pool, observe).result
        if result.failure:
            raise SweeperError(f"training it again failed: {result.failure.message}")
        yield [Path(model) for model in result.models]


def _document(found: Recorded, looked: dict[str, Any]) -> dict[str, Any]:
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
        "validation": scored(result.validation, int(result.data["sizes"]["validation"])),
        "test": looked["test"],
        "refit": looked.get("refit"),
    }
