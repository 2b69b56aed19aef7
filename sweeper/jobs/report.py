"""``sweeper report``: everything that is known of a study, as one document; nothing is run for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.config.domains import Domain
from sweeper.config.space import Choice, Int
from sweeper.data import ledger
from sweeper.errors import InputError
from sweeper.jobs.confirm.confirmation import Confirmation, confirmation
from sweeper.jobs.scores import ACCURACY, RMSE, measure_of
from sweeper.jobs.shared.evidence import cautions, expected
from sweeper.jobs.shared.opening import LEDGER
from sweeper.jobs.shared.study_page import by_worker, commands, describe, front_of
from sweeper.report.facts import Dimension, Measure, Provenance
from sweeper.report.study.facts import Opening, StudyFacts
from sweeper.report.study.report import publish_study
from sweeper.statistics import Importance, TuningCurve, importance_uncertainty, shared_by_failures
from sweeper.statistics.crossed import seeds_and_examples_from_means
from sweeper.statistics.intervals import Interval, wilson
from sweeper.study.plan import Observer, ignore
from sweeper.study.session import check_writable, recording
from sweeper.study.study_record import StudyRecord, load_study
from sweeper.tracking import open_reader
from sweeper.tracking.describe import study_ref

if TYPE_CHECKING:
    from sweeper.study.importance import RecordImportances

CURVES = 5
"""Leaders whose learning curves are drawn."""

RESAMPLES, LEAST, DRAWN = 50, 20, 50_000
"""Resamples for the spread of importances: so many, fewer where more trials than the last would be drawn in all."""


def report(
    study: str,
    *,
    runs: Path = Path("runs"),
    baseline: str = "",
    flags: Sequence[str] = (),
    observe: Observer = ignore,
) -> dict[str, Any]:
    """Write a study's report: HTML, Markdown, JSON and pictures in runs/reports, and the HTML on the study's record.

    Args:
        study: its name.
        runs: where it is recorded.
        baseline: another study of the same data and objective, whose tuning curve is drawn beside.
        flags: that commands need besides, to find the runs folder.
        observe: told where the record cannot be written now.

    Returns:
        ``study``, ``named``: who is the winner; ``cautions``; ``openings`` of the test split of the data; ``report``.

    Raises:
        InputError: there is no such study, it has no trials yet, or the baseline is of other data.
    """
    check_writable(runs)
    record = load_study(runs, study)
    if not record.trials:
        raise InputError(f"the study {study!r} has no trials yet", hint="sweeper tune runs some", key="study")
    confirmed = confirmation(runs, record)
    facts = study_facts(record, confirmed, runs, flags)
    if baseline:
        facts = replace(facts, tuning=dict(facts.tuning) | _baseline(record, baseline, runs))
    published = publish_study(facts, runs / "reports")
    if open_reader(runs).runs(ref=study_ref(study)):
        with recording(runs, observe) as tracker:
            describe(record, confirmed, runs, tracker, report=published.html)
    return {
        "study": study,
        "named": facts.named,
        "cautions": [asdict(one) for one in facts.cautions],
        "openings": len(facts.openings),
        "tuning_curves": {name: asdict(curve) for name, curve in facts.tuning.items()},
        "report": {kind: str(getattr(published, kind)) for kind in ("html", "markdown", "json")},
    }


def study_facts(
    record: StudyRecord, confirmed: Confirmation | None, runs: Path, flags: Sequence[str] = ()
) -> StudyFacts:
    """Everything that the report of a study says."""
    from sweeper.study.importance import EVALUATOR, MEANING, VARIANCE_MEANING, RecordImportances

    found = RecordImportances(record)
    importance, curve = _importance(found), expected(record)
    params = [trial.values for trial in record.trials]
    failed = [trial.state == "failed" for trial in record.trials]
    return StudyFacts(
        name=record.study,
        trials=by_worker(record.trials, confirmed.winner if confirmed else None),
        dimensions=_dimensions(record),
        provenance=_provenance(record, runs),
        measure=measure_of(record.objective),
        sampler=str(record.facts.get("sampler", "")),
        pruner=str(record.facts.get("pruner", "none")),
        named=confirmed.sentence if confirmed else "",
        confirmed=confirmed.trials if confirmed else (),
        importance=importance,
        evaluator=EVALUATOR if importance else "",
        importance_note=MEANING if importance else found.why_none,
        variance=found.variance,
        variance_note=VARIANCE_MEANING,
        curves=_curves(record),
        tuning={record.study: curve} if curve else {},
        shared=shared_by_failures(params, failed),
        cautions=cautions(record, confirmed),
        front=front_of(record),
        openings=_openings(record, runs),
        tested=_tested(record),
        commands=commands(record, confirmed, flags),
        notes=_notes(record),
    )


def _baseline(record: StudyRecord, other: str, runs: Path) -> dict[str, TuningCurve]:
    beside = load_study(runs, other)
    for part in ("data", "objective"):
        if beside.facts.get(part) != record.facts.get(part):
            raise InputError(f"{other} is of another {part} than {record.study}", hint="compare like with like")
    curve = expected(beside)
    return {other: curve} if curve else {}


def _dimensions(record: StudyRecord) -> list[Dimension]:
    return [_dimension(name, domain) for name, domain in record.space.dimensions.items()] if record.space else []


def _dimension(name: str, domain: Domain) -> Dimension:
    if isinstance(domain, Choice):
        return Dimension(name, choices=domain.options)
    return Dimension(name, float(domain.low), float(domain.high), domain.log, whole=isinstance(domain, Int))


def _importance(known: RecordImportances) -> tuple[Importance, ...]:
    found = known.evaluator()
    if not found:
        return ()
    resamples = max(LEAST, min(RESAMPLES, DRAWN // found[1]))
    return importance_uncertainty(*found, resamples=resamples)


def _curves(record: StudyRecord) -> dict[str, Any]:
    return {f"trial {trial.number}": trial.history for trial in record.leaders(CURVES) if len(trial.history) > 1}


def _openings(record: StudyRecord, runs: Path) -> list[Opening]:
    """The ledger's openings of the test split of the study's data, each with what it gave."""
    opened = ledger.openings(runs / LEDGER, [str(record.facts.get("data", {}).get("digest"))])
    results = {
        (entry["data"].get("digest"), entry.get("look")): entry
        for entry in ledger.entries(runs / LEDGER)
        if entry.get("event") == "result" and isinstance(entry.get("data"), dict)
    }
    return [
        _opening(entry, results.get((entry["data"].get("digest"), number))) for number, entry in enumerate(opened, 1)
    ]


def _opening(opened: Mapping[str, Any], result: Mapping[str, Any] | None) -> Opening:
    when, who, run = (str(opened.get(part, "")) for part in ("when", "who", "run"))
    if result is None:
        return Opening(when, who, run)
    scores = result["result"]
    main = "rmse." if "target" in scores else "accuracy."
    each = [value for name, value in scores.items() if name.startswith(main)]
    examples = int(result["examples"])
    if not each:
        return Opening(when, who, run)
    mean = sum(each) / len(each)
    if "low" in scores:
        interval = Interval(scores["low"], scores["high"], scores["level"], "")
    else:
        few = len(each) == 1
        interval = wilson(round(mean * examples), examples) if few else seeds_and_examples_from_means(each, examples)
    return Opening(when, who, run, mean, interval)


def _tested(record: StudyRecord) -> Measure:
    """What the ledger has of an opening, whatever the study is for."""
    return RMSE if "target" in _data(record) else ACCURACY


def _data(record: StudyRecord) -> Mapping[str, Any]:
    """The facts of the data as its trials have them, with the classes or the target; a study is bound to less."""
    return next((trial.result.data for trial in record.trials if trial.result and trial.result.data), {})


def _provenance(record: StudyRecord, runs: Path) -> Provenance:
    parents = open_reader(runs).runs(ref=study_ref(record.study), deleted=None)
    tags = parents[-1].tags if parents else {}
    data = record.facts.get("data", {})
    results = [trial.result for trial in record.trials if trial.result]
    steps = {result.steps for result in results if result.status == "finished"}
    started = min(trial.started for trial in record.trials)
    versions = next((result.versions for result in results if result.versions), {})
    commit = tags.get("mlflow.source.git.commit", "")
    more = {"Code": commit[:12], "Machine": tags.get("platform", ""), "Host": tags.get("host", "")}
    return Provenance(
        command=tags.get("mlflow.source.name", ""),
        dataset=str(data.get("name", "")),
        digest=str(data.get("digest", "")),
        sizes=dict(record.facts.get("sizes", {})),
        steps=max(steps) if len(steps) == 1 else f"{min(steps):,} to {max(steps):,}" if steps else "",
        seeds=sorted({int(trial.config.get("seed", 0)) for trial in record.trials if trial.config}),
        trials=len(record.trials),
        seconds=max(trial.ended for trial in record.trials) - started,
        versions=versions,
        more={name: value for name, value in more.items() if value},
    )


def _notes(record: StudyRecord) -> list[str]:
    notes = _ground(_data(record))
    if record.running:
        notes.append(
            f"{record.running} trials have not ended and are not in here: in training, or waiting for the next tune."
        )
    if record.constraints:
        kept = ", ".join(map(str, record.constraints))
        missed = sum(not record.feasible(trial) for trial in record.trials)
        notes.append(f"Trials must keep {kept} to be the best; {missed} do not.")
    return notes


def _ground(data: Mapping[str, Any]) -> list[str]:
    """What scores have to be held against: the share of the largest class, or the spread of the numbers."""
    if "target" in data:
        target = data["target"]
        spread = RMSE.text(target["spread"])
        return [
            f"One who always says the mean of the {target['name']} validated on has an RMSE of {spread}, its spread."
        ]
    if "classes" not in data:
        return []
    largest, share = data["classes"]["largest"], data["classes"]["share"]
    return [f"The class {largest} has {share:.1%} of the validation examples: so often its name alone is right."]
