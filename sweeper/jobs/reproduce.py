"""``sweeper reproduce``: a run trained again from what is recorded, and compared to the last bit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sweeper.config.structure import Companion, companions, graph_steps
from sweeper.data import SEALED, places
from sweeper.errors import InputError
from sweeper.jobs.shared.subjects import subject
from sweeper.jobs.shared.training import TrainedTrial, train
from sweeper.study.another import trained_on_others
from sweeper.study.plan import Observer, ignore
from sweeper.study.session import read_data, workers
from sweeper.tracking.describe import provenance
from sweeper.tracking.recorded import Recorded
from sweeper.trial import EpochReport, Scores, StepReport, TrialResult, TrialSpec, TrialStatus
from sweeper.version import __version__
from sweeper.workers.cluster import HERE_ALONE, Cluster

Row = dict[str, Any]


def reproduce(
    called: str, *, runs: Path = Path("runs"), cluster: Cluster = HERE_ALONE, observe: Observer = ignore
) -> dict[str, Any]:
    """Train a recorded run or trial again, in the same place of the same program, and compare.

    Args:
        called: the run's id, the beginning of it, or its name; ``STUDY`` for its best trial, or ``STUDY:N``.
        runs: where it is recorded; nothing is written there.
        cluster: where it is trained again.
        observe: is given the training's reports.

    Returns:
        ``run_id``, ``title``, ``identical``; ``compared``: how many ``validations``, and whether ``final`` scores and
        ``weights``; ``differences``: numbers that are not the same, each with ``what``, ``recorded`` and ``now``;
        ``largest``: the largest of them; ``circumstances``: what else is not the same (versions, threads, data, code),
        likewise; ``notes``.

    Raises:
        InputError: there is no such run, or there is nothing in it to compare with.
        SweeperError: the worker was lost.
    """
    found = subject(called, runs)
    recorded = found.record.result
    if found.record.interrupted or (recorded.validation is None and not found.record.history):
        raise InputError(f"the run {found.title} has no numbers to compare with", hint="reproduce one that finished")
    places.use_runs(runs)
    data = read_data(found.config, str(recorded.data.get("digest", ""))).facts
    if data["digest"] != recorded.data.get("digest", data["digest"]):
        return _document(found, None, [_row("data", recorded.data["digest"], data["digest"])])
    if trained_on_others(recorded.data, data):
        return _document(found, None, [_row("sealed rows", recorded.data[SEALED], data[SEALED])])
    threads = recorded.machine.get("threads", "")
    with workers(runs, 1, threads=int(threads) if threads.isdigit() else 1, cluster=cluster) as pool:
        group, key = _group(found)
        again = train(group, key, pool, _to_its_end(found.record.result, observe))
    return _document(found, again, list(_circumstances(found, again.result)))


def _to_its_end(result: TrialResult, observe: Observer) -> Observer:
    """An observer that hears of a trial that was stopped early how far it goes, not how far it was to go."""
    if result.status != TrialStatus.PRUNED:
        return observe
    return lambda event: observe(replace(event, steps=result.steps) if isinstance(event, StepReport) else event)


def _group(found: Recorded) -> tuple[list[TrialSpec], str]:
    """The trial in a group like the one that it was trained in, and its key."""
    result = found.record.result
    before, behind = companions(found.config, result.place) if result.place else ([], [])
    stopped = result.steps if result.status == TrialStatus.PRUNED else 0
    members = [*before, Companion(found.config, stopped), *behind]
    digest = str(result.data.get("digest", ""))
    marks = tuple(report.step for report in found.record.history)
    by: dict[str, Any] = {name: result.kept[name] for name in ("objective", "maximize") if name in result.kept}
    # What a search asked for beside the configuration is in the curves alone.
    by["metrics"] = tuple({name: None for report in found.record.history for name in report.validation.more})
    graph = graph_steps(result.place, result.steps)
    specs = [
        TrialSpec(
            f"again/{number}",
            each.config.to_dict(),
            digest,
            until=each.until,
            marks=marks,
            graph_until=graph,
            **by,
        )
        for number, each in enumerate(members)
    ]
    return specs, f"again/{len(before)}"


def _document(found: Recorded, again: TrainedTrial | None, circumstances: Sequence[Row]) -> dict[str, Any]:
    rows = list(_differences(found, again)) if again else []
    gaps = [abs(row["recorded"] - row["now"]) for row in rows if _numbers(row)]
    recorded = found.record.result
    return {
        "run_id": found.run_id,
        "title": found.title,
        "identical": again is not None and not rows,
        "compared": {
            "validations": len(found.record.history) if again else 0,
            "final": again is not None and recorded.validation is not None,
            "weights": again is not None and bool(recorded.weights),
        },
        "differences": rows,
        "largest": max(gaps, default=0.0),
        "circumstances": list(circumstances),
        "notes": _notes(found, again, rows),
    }


def _differences(found: Recorded, again: TrainedTrial) -> Iterator[Row]:
    """Everything in which the two trainings are not the same, in the order in which it happened."""
    recorded, now = found.record.result, again.result
    then = {report.step: report for report in found.record.history}
    since = {report.step: report for report in again.history}
    for step in sorted(then.keys() | since.keys()):
        yield from _of_validation(step, then.get(step), since.get(step))
    for part in ("status", "steps"):
        yield from _unequal(part, getattr(recorded, part), getattr(now, part))
    yield from _of_scores("final train", recorded.train, now.train)
    yield from _of_scores("final validation", recorded.validation, now.validation)
    if recorded.weights:
        yield from _unequal("weights", list(recorded.weights), list(now.weights))
    if recorded.failure or now.failure:
        said = [each.failure.message if each.failure else "" for each in (recorded, now)]
        yield from _unequal("failure", *said)


def _of_validation(step: int, then: EpochReport | None, now: EpochReport | None) -> Iterator[Row]:
    if then is None or now is None:
        yield _row(f"validation at step {step}", then and "there", now and "there")
        return
    yield from _of_scores(f"step {step} train", then.train, now.train)
    yield from _of_scores(f"step {step} validation", then.validation, now.validation)


def _of_scores(what: str, then: Scores | None, now: Scores | None) -> Iterator[Row]:
    if then is None or now is None:
        yield from _unequal(what, then and "there", now and "there")
        return
    for score, recorded in then.known.items():
        again = now.known.get(score, (None,) * len(recorded))
        for member, values in enumerate(zip(recorded, again, strict=True)):
            seed = f" of member {member}" if len(then.loss) > 1 else ""
            yield from _unequal(f"{what} {score}{seed}", *values)


def _circumstances(found: Recorded, now: TrialResult) -> Iterator[Row]:
    """What is not as it was when the run was recorded, as far as that was recorded."""
    then, facts, here = found.record.result, found.facts, provenance()
    for name, version in sorted(then.versions.items()):
        if name in now.versions:
            yield from _unequal(f"version of {name}", version, now.versions[name])
    yield from _unequal("version of sweeper", facts.get("version.sweeper", __version__), __version__)
    for name, value in sorted(then.machine.items()):
        yield from _unequal(name, value, now.machine.get(name))
    commit = "mlflow.source.git.commit"
    if commit in facts:
        yield from _unequal("code", _code(facts[commit], facts), _code(here.get(commit, ""), here))
    if then.place:
        yield from _unequal("program", then.place, now.place)


def _code(commit: str, facts: Any) -> str:
    changed = ", with changes that were not committed" if facts.get("git.dirty") == "true" else ""
    return commit[:12] + changed if commit else "no checkout"


def _notes(found: Recorded, again: TrainedTrial | None, rows: Sequence[Row]) -> list[str]:
    result, notes = found.record.result, []
    if again is None:
        notes.append("it was not trained again: the data are others")
    if rows and not result.place and result.group > found.config.repeats:
        notes.append(
            f"it was trained in a group of {result.group} members, and in which place was not recorded then: numbers "
            "can come again within rounding only"
        )
    if found.config.to_dict() != found.record.config:
        notes.append("its configuration was recorded by an earlier version, and read as what it meant then")
    return notes


def _unequal(what: str, then: Any, now: Any) -> Iterator[Row]:
    """A row, if the two are not the same; of two numbers, to the last bit."""
    both_nan = then != then and now != now  # noqa: PLR0124 - only NaN differs from itself
    if then != now and not both_nan:
        yield _row(what, then, now)


def _row(what: str, then: Any, now: Any) -> Row:
    return {"what": what, "recorded": then, "now": now}


def _numbers(row: Row) -> bool:
    return all(isinstance(row[side], float) for side in ("recorded", "now"))
