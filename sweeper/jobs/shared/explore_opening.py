"""One opening of the sealed test split for all questions, conditions and repeats that were explored."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sweeper.config.datasets import FILES
from sweeper.config.schema import Config
from sweeper.data import ledger, load, sealed
from sweeper.errors import SweeperError
from sweeper.jobs.shared.opening import LEDGER
from sweeper.questions.analyses.parts import listed
from sweeper.questions.experiment_results import Results, Tested
from sweeper.questions.run.explorer import Job
from sweeper.report.facts import ordinal
from sweeper.study.another import check_sealed
from sweeper.tracking import open_reader
from sweeper.tracking.deletions import deleted_note
from sweeper.tracking.models import study_models

if TYPE_CHECKING:
    from sweeper.data.split import Features, Labels, Numbers

Scores = dict[str, tuple[float, dict[str, Any]]]
"""Test score and the line of the ledger that says so, by a configuration's digest."""


def open_for_all(ran: Sequence[tuple[Job, Results]], *, runs: Path, flush: Callable[[], int]) -> list[Tested | None]:
    """Score every repeat of every condition on the test split, in one opening.

    What the ledger has for the same configurations and data is taken from there, and nothing is opened where it has
    all of them. (Conditions whose features are made differently, as of a table with another ``dataset.train_size``,
    need an opening each.)

    Args:
        ran: questions with their results.
        runs: the folder with the ledger and the record of models.
        flush: waits until the models are recorded.

    Raises:
        InputError: the data are not those of the trials, or the ledger cannot be written; nothing was opened.
        SweeperError: a model is gone; nothing was opened.
    """
    wanted = {key: config for job, results in ran for key, config in _configs(results).items()}
    digest = {key: str(job.data.facts["digest"]) for job, results in ran for key in _configs(results)}
    facts = {str(job.data.facts["digest"]): job.data.facts for job, _ in ran}
    key = next((job.measure.key for job, _ in ran), "accuracy")
    known = _known(runs, set(digest.values()), key)
    missing = {key: config for key, config in wanted.items() if key not in known}
    if missing:
        flush()
        models = {key: path for job, results in ran for key, path in _models(job, results, runs).items()}
        _check(missing, models, runs)
        for together in _alike(missing, digest):
            _check_rows(together[0], facts[digest[together[0].digest]])
            studies = [job.study for job, _ in ran]
            known |= _open(together, models, digest[together[0].digest], runs, studies, key)
    return [_tested(results, known) for _, results in ran]


def _configs(results: Results) -> dict[str, Config]:
    """The configuration of every repeat that is compared, by its digest."""
    trials = [results.repeats[name][seed] for name in results.names for seed in results.seeds]
    configs = [Config.from_dict(trial.config) for trial in trials]
    return {config.digest: config for config in configs}


def _known(runs: Path, digests: set[str], measure: str) -> Scores:
    """What the ledger has of a measure; before a configuration's digest stands the measure's key."""
    before = f"{measure}."
    found: Scores = {}
    for entry in ledger.entries(runs / LEDGER):
        if entry.get("event") == "result" and entry.get("data", {}).get("digest") in digests:
            scores = entry.get("result", {})
            mine = [key for key in scores if key.startswith(before) and len(key) == len(before) + 64]
            found |= {key.removeprefix(before): (scores[key], entry) for key in mine}
    return found


def _models(job: Job, results: Results, runs: Path) -> dict[str, Path]:
    files = study_models(open_reader(runs), job.study)
    trials = [results.repeats[name][seed] for name in results.names for seed in results.seeds]
    return {Config.from_dict(trial.config).digest: files[trial.number][0] for trial in trials if trial.number in files}


def _check(missing: Mapping[str, Config], models: Mapping[str, Path], runs: Path) -> None:
    gone = [key for key in missing if key not in models]
    if gone:
        raise SweeperError(
            f"the models of {len(gone)} of {len(missing)} repeats are not there (any more); nothing was opened",
            hint=deleted_note(open_reader(runs)) or "run the question anew with another --runs",
        )


def _check_rows(config: Config, then: Mapping[str, Any]) -> None:
    """Make sure that the rows which are sealed are still those that were when the questions were begun."""
    now = load(config.dataset, config.validation, str(then["digest"])).facts
    check_sealed(then, now, "the questions were begun", "or ask them anew with another --runs")


def _alike(missing: Mapping[str, Config], digest: Mapping[str, str]) -> list[list[Config]]:
    """Configurations of which the test examples have the same features, together."""
    groups: dict[tuple[object, ...], list[Config]] = {}
    for key, config in missing.items():
        fitted = config.dataset.train_size if config.dataset.name in FILES else 0
        groups.setdefault((digest[key], fitted, config.validation), []).append(config)
    return list(groups.values())


def _open(
    together: Sequence[Config],
    models: Mapping[str, Path],
    digest: str,
    runs: Path,
    studies: Sequence[str],
    measure: str,
) -> Scores:
    # Loaded before anything is opened: an opening that fails for want of a library would count all the same.
    from sweeper.train.evaluate import estimate, evaluate

    target = load(together[0].dataset, together[0].validation, digest).target

    def score(features: Features, labels: Labels | Numbers) -> dict[str, float]:
        found = {}
        for c in together:
            if target is not None:
                known = estimate(models[c.digest], features, labels.astype(np.float64), c.loss, target).more
            else:
                judged = evaluate(models[c.digest], features, labels.astype(np.int64), c.loss)
                known = {"accuracy": judged.accuracy, "loss": judged.loss} | judged.more
            found[f"{measure}.{c.digest}"] = known[measure]
        return found

    entry = sealed.evaluate(
        together[0].dataset,
        together[0].validation,
        ledger=runs / LEDGER,
        who=ledger.who(),
        run=" ".join(dict.fromkeys(studies)),
        config_digest=hashlib.sha256("".join(sorted(c.digest for c in together)).encode()).hexdigest(),
        score=score,
        data_digest=digest,
    )
    return {key.removeprefix(f"{measure}."): (value, entry) for key, value in entry["result"].items()}


def _tested(results: Results, known: Scores) -> Tested | None:
    """What the ledger says to one question; None for one that compares nothing."""
    if not results.names:
        return None
    scores: dict[str, dict[int, float]] = {}
    entries: dict[str, dict[str, Any]] = {}
    for name in results.names:
        for seed in results.seeds:
            value, entry = known[Config.from_dict(results.repeats[name][seed].config).digest]
            scores.setdefault(name, {})[seed] = value
            entries[entry["hash"]] = entry
    last = max(entries.values(), key=lambda entry: int(entry["look"]))
    openings = sorted({int(entry["look"]) for entry in entries.values()})
    which = f"{listed([ordinal(number) for number in openings])} opening{'s' if len(openings) > 1 else ''}"
    what = "accuracies" if results.measure.share else "scores"
    said = f"Test {what} are of the {which} of this test set ({last['when']}, by {last['who']})."
    return Tested(scores, int(last["examples"]), said)
