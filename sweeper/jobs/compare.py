"""``sweeper compare``: runs, studies' winners and configurations, paired by seed and by example."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sweeper.data import places
from sweeper.errors import InputError, SweeperError
from sweeper.jobs.scores import measure_of
from sweeper.jobs.shared.contenders import Contender, contenders, with_folds
from sweeper.questions.ask.prepare import FRESH
from sweeper.report.answer.answer import Answer
from sweeper.report.answer.report import publish_answer
from sweeper.report.comparison.comparison import Comparison, Seed, Side, compared
from sweeper.report.comparison.report import comparison_answer, takes, verdicts_by
from sweeper.report.documents.publish import Published
from sweeper.report.facts import Measure, Provenance
from sweeper.report.hits import parts
from sweeper.study.another import check_trained
from sweeper.study.objectives import check_score, default_of
from sweeper.study.plan import Observer, Plan, Point, ignore
from sweeper.study.session import Data, Session, check_writable, read_data, recording, workers
from sweeper.system.command_line import with_option
from sweeper.trial import TrialResult
from sweeper.workers.cluster import HERE_ALONE, Cluster

ASKED = "asked"
"""Among a trial's values: with how many repeats its seed was first asked for."""


def compare(
    called: Sequence[str],
    *,
    shared: Sequence[str] = (),
    repeats: int = 0,
    objective: str = "",
    config_dir: Path | None = None,
    runs: Path = Path("runs"),
    size: int = 0,
    threads: int = 1,
    cluster: Cluster = HERE_ALONE,
    command: str = "",
    observe: Observer = ignore,
) -> dict[str, Any]:
    """Compare what is recorded, or, with `repeats`, all of them anew on shared fresh seeds.

    Args:
        called: runs, studies (their winners), ``STUDY:N``, or overrides in one string.
        shared: overrides of all those that are overrides.
        repeats: seeds to run each of them on; 0 to compare what is there.
        objective: the score by which (``objectives.SCORES``); accuracy where empty or, of numbers, their RMSE.
        config_dir: a user's own config folder.
        runs: where everything is recorded.
        size: worker processes; 0 for one a core, or as many as the cluster has room for.
        threads: of each.
        cluster: where they run.
        command: that compares them again.
        observe: is given every event of the driver.

    Returns:
        ``contenders``, ``pairs`` (each with ``difference``, ``interval``, ``verdict``), ``ranking``, ``seeds``,
        ``verdicts_by`` (which intervals carry the verdicts), ``takes``: what would decide what is undecided (empty for
        nothing), ``study`` (of the repeats, or None), ``dataset``, ``warnings``, ``report``.

    Raises:
        InputError: they cannot be compared; nothing was run.
        InterruptedRunError: Ctrl-C; the same command goes on.
    """
    check_writable(runs)
    places.use_runs(runs)
    found = contenders(called, runs, config_dir, shared)
    known = _shared_data(found)
    data, score = known.facts, objective or default_of(known.task)
    check_score(score, known.task)
    measure = measure_of(score)
    study, trained = "", 0
    analyses: tuple[int, ...] = ()
    if repeats:
        study = _study(found, data)
        asked = _asked_with(runs, study)
        plan = _plan(study, found, repeats, data, command, asked)
        started = partial(workers, runs, size, at_once=not asked, cluster=cluster)
        with started(threads=threads) as pool, recording(runs, observe) as tracker:
            places.note_file(data)
            # Results have every score, whichever is asked for: repeats serve all of them.
            plan = replace(plan, objective=default_of(known.task))
            sides, analyses = _again(plan, found, Session(runs, pool, tracker, observe), measure)
            trained = plan.trials
    else:
        _check_recorded(found, command)
        sides = [one.side(measure) for one in found]
    comparison = compared(sides, int(data["sizes"]["validation"]), analyses, measure)
    warnings = [] if repeats else _flattered(found)
    provenance = _provenance(found, comparison, data, command, trained)
    answer = comparison_answer(comparison, _name(found, data, measure), provenance, warnings=warnings)
    return _document(found, comparison, answer, publish_answer(answer, runs / "reports"), study, data)


def _shared_data(found: Sequence[Contender]) -> Data:
    """The data of all of them: they can be paired on the same examples alone.

    Raises:
        InputError: they are of different data.
    """
    first = found[0]
    bound = next((str(one.data["digest"]) for one in found if one.data.get("digest")), "")
    known: dict[str, Data] = {}
    for one in found:
        config = one.config
        same = replace(config.dataset, train_size=0) == replace(first.config.dataset, train_size=0)
        if not same or config.validation != first.config.validation:
            raise _apart(first, one)
        data = known.setdefault(repr((config.dataset, config.validation)), read_data(config, bound)).facts
        digest = one.data.get("digest", data["digest"])
        if digest != data["digest"]:
            raise InputError(
                f"{one.name} was trained on data with the digest {digest[:12]}, and {data['name']} here has "
                f"{data['digest'][:12]}",
                hint="put those data back",
                key="dataset.name",
            )
        check_trained(one.data, data, f"{one.name} was trained", "or train it again with the file of today")
    return read_data(first.config, bound)


def _apart(one: Contender, other: Contender) -> InputError:
    """That two are of other data; what one of them says of its data alone may have been meant for all."""
    said = (
        f"{c.name} is of {c.config.dataset.name} with validation.size={c.config.validation.size:g}"
        for c in (one, other)
    )
    alone = [each.typed for each in (one, other) if each.typed and all(map(_of_data, shlex.split(each.typed)))]
    return InputError(
        f"they are judged on different examples: {', '.join(said)}",
        hint="compare on one data set; --with KEY=VALUE holds for all",
        key="dataset",
        instead=(alone[0], f"--with {alone[0]}") if alone else None,
    )


def _of_data(override: str) -> bool:
    return override.partition("=")[0].partition(".")[0] in {"dataset", "validation"}


def _check_recorded(found: Sequence[Contender], command: str) -> None:
    bare = next((one for one in found if not one.records), None)
    if bare is not None:
        again = with_option(command, "--repeats", "5")
        hint = "--repeats 5 runs each of them on 5 fresh seeds" + (f"; type: {again}" if again else "")
        raise InputError(f"nothing is recorded of {bare.name!r}", hint=hint, key="repeats")


def _study(found: Sequence[Contender], data: Mapping[str, Any]) -> str:
    return f"compare-{_digest(found, data)}"


def _name(found: Sequence[Contender], data: Mapping[str, Any], measure: Measure) -> str:
    by = "" if measure.key in {"accuracy", "rmse"} else f"-{measure.key}"
    return f"comparison-{_digest(found, data)}{by}"


def _digest(found: Sequence[Contender], data: Mapping[str, Any]) -> str:
    """A hash of everything that decides what the repeats are."""
    asked = [[one.name, one.again(0).digest] for one in found]
    return hashlib.sha256(json.dumps([asked, data["digest"]]).encode()).hexdigest()[:8]


def _asked_with(runs: Path, study: str) -> dict[int, int]:
    """With how many repeats each seed that has a trial was first asked for: the analyses that there have been."""
    from sweeper.study.study_record import exists, load_trials

    if not exists(runs, study):
        return {}
    trials = load_trials(runs, study)
    # Trials of a version that did not note it were all asked for at once, as far as anybody knows.
    unknown = len({int(trial.values["seed"]) for trial in trials if ASKED not in trial.values})
    return {int(trial.values["seed"]): int(trial.values.get(ASKED, unknown)) for trial in trials}


def _plan(
    study: str,
    found: Sequence[Contender],
    repeats: int,
    data: Mapping[str, Any],
    command: str,
    known: Mapping[int, int],
) -> Plan:
    seeds = range(FRESH, FRESH + repeats)
    points = [_point(one, seed, known.get(seed, repeats)) for seed in seeds for one in found]
    return Plan(study, len(points), data, points=points, command=command)


def _point(one: Contender, seed: int, asked: int) -> Point:
    kept = [text for text in one.overrides if text.partition("=")[0] not in {"seed", "batch_seed", "repeats"}]
    values: dict[str, int | float | str] = {"contender": one.name, "seed": seed, ASKED: asked}
    return Point(values, (*kept, f"seed={seed}", f"batch_seed={seed}"), one.again(seed))


def _again(
    plan: Plan, found: Sequence[Contender], session: Session, measure: Measure
) -> tuple[list[Side], tuple[int, ...]]:
    """Run what is not run yet, and read all of it; and the repeats at each analysis."""
    from sweeper.study.driver import tune
    from sweeper.study.study_record import load_trials

    tune(plan, session)
    sides = {one.name: Side(one.name, {}, {}, config=one.again(0).digest) for one in found}
    analyses = set(_asked_with(session.runs, plan.study).values())
    results: dict[str, list[TrialResult]] = {one.name: [] for one in found}
    for trial in load_trials(session.runs, plan.study):
        result = trial.result
        if trial.state != "finished" or result is None or result.validation is None:
            continue
        name, seed = str(trial.values["contender"]), int(trial.values["seed"])
        if seed >= FRESH + plan.trials // len(found):
            continue  # of an earlier comparison with more repeats
        key: Seed = (seed, seed)
        old = sides[name]
        value = result.validation.known.get(measure.key)
        if value is None:
            raise InputError(
                f"repeats of {name} were recorded without {measure.noun}", hint="compare by another", key="objective"
            )
        results[name].append(result)
        by_example = dict(old.parts) | dict(zip([key], parts(result, measure), strict=False))
        scores = dict(old.scores) | {key: value[0]}
        sides[name] = replace(old, scores=scores, parts=by_example, parameters=result.parameters)
    failed = next((name for name, side in sides.items() if not side.scores), "")
    if failed:
        raise SweeperError(f"no repeat of {failed} finished", hint=f"see: sweeper results {plan.study}")
    return [with_folds(side, results[name], measure) for name, side in sides.items()], tuple(sorted(analyses))


def _flattered(found: Sequence[Contender]) -> list[str]:
    return [
        f"{one.name} was chosen among others by the score that is compared here, which flatters it; --repeats compares "
        "on fresh seeds"
        for one in found
        if one.chosen
    ]


def _provenance(
    found: Sequence[Contender], comparison: Comparison, data: Mapping[str, Any], command: str, trained: int
) -> Provenance:
    steps = {one.config.steps if one.config.steps is not None else f"{one.config.epochs} epochs" for one in found}
    return Provenance(
        command=command,
        dataset=str(data["name"]),
        digest=str(data["digest"]),
        sizes=dict(data["sizes"]),
        steps=next(iter(steps)) if len(steps) == 1 else ", ".join(map(str, steps)),
        seeds=[seed for seed, _ in comparison.seeds],
        trials=trained,
    )


def _document(
    found: Sequence[Contender],
    comparison: Comparison,
    answer: Answer,
    published: Published,
    study: str,
    data: Mapping[str, Any],
) -> dict[str, Any]:
    undecided = any(pair.verdict == "undecided" for pair in comparison.pairs)
    shown = answer.to_json()
    return {
        "contenders": [
            condition | {"parameters": side.parameters or None, "overrides": list(one.overrides)}
            for condition, side, one in zip(shown["conditions"], comparison.sides, found, strict=True)
        ],
        "pairs": [pair.to_json() for pair in comparison.pairs],
        "answer": shown["answer"],
        "measure": shown["measure"],
        "ranking": comparison.ranking.sentence if comparison.ranking else None,
        "seeds": [seed for seed, _ in comparison.seeds],
        "verdicts_by": verdicts_by(comparison),
        "takes": takes(comparison) if undecided else "",
        "repeats_needed": comparison.repeats_needed if undecided else None,
        "repeats_likely": comparison.repeats_likely if undecided else None,
        "study": study or None,
        "dataset": dict(data),
        "warnings": list(answer.warnings),
        "report": {kind: str(getattr(published, kind)) for kind in ("html", "markdown", "json")},
    }
