"""``sweeper.tune``: search for the best configuration."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.api.call_result import CallResult, Picture, SplitScores
from sweeper.api.calling import bytes_of, command, folder, names, path, plainly, seconds
from sweeper.api.html import number, paragraph, table
from sweeper.api.keys import read

if TYPE_CHECKING:
    import pandas as pd

    from sweeper.jobs.tune import Search

OPTIONS = (
    "trials", "study", "sampler", "pruner", "space", "objective", "constraint", "enqueue", "warm_start", "baseline",
    "confirm", "confirm_repeats", "sampler_seed", "timeout", "deadline", "memory", "workers", "threads", "models",
    "storage", "max_errors", "runs", "config_dir", "progress",
)  # fmt: skip


@plainly
def tune(
    overrides: str | Iterable[str] = (),
    *,
    trials: int = 50,
    study: str = "",
    sampler: str = "tpe",
    pruner: str = "",
    space: str | None = None,
    objective: str | Sequence[str] = (),
    constraint: str | Sequence[str] = (),
    enqueue: Sequence[str | Mapping[str, Any]] = (),
    warm_start: str = "",
    baseline: bool = False,
    confirm: int | None = None,
    confirm_repeats: int = 0,
    sampler_seed: int = 0,
    timeout: float | str | None = None,
    deadline: float | str | None = None,
    memory: int | str | None = None,
    workers: int | None = None,
    threads: int = 1,
    models: bool = True,
    storage: str = "",
    max_errors: int = 10,
    runs: str | os.PathLike[str] | None = None,
    config_dir: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
    **keys: Any,
) -> TuneResult:
    """Search for the best configuration, judged on the validation split; the same call again goes on.

    A key with one value is fixed, one with a search is searched: ``tune(dataset="digits", activation="relu,tanh",
    learning_rate=sweeper.interval(1e-3, 1, log=True), hidden=sweeper.choice([50], [100, 30]))``. What is not given is
    searched as `space` says.

    Args:
        overrides: config keys as the command line takes them.
        trials: finished or pruned ones, in total.
        study: its name; one that exists goes on. Made from what is searched, if it is not given.
        sampler: how configurations are chosen.
        pruner: how hopeless trials are stopped; latest if it is not given, none with several objectives.
        space: a file of conf/space; ``"none"`` for nothing but the keys given here.
        objective: what is made best; validation.accuracy if it is not given. Several search for a front.
        constraint: what the best must keep, such as ``"parameters<=50000"``.
        enqueue: configurations to try first, each a mapping of keys.
        warm_start: an earlier study of the same data, for the sampler to know.
        baseline: whether to run as many random trials beside.
        confirm: how many of the best run again on fresh seeds. If it is not given, up to 3, on 3 to 5 seeds, within a
            quarter of the search's time; none with several objectives.
        confirm_repeats: how many fresh seeds, at most; 5 where `confirm` is given. With more, the same again goes on.
        sampler_seed: of the sampler; `seed` is the config key.
        timeout: seconds, or text such as ``"2h"``, after which it stops.
        deadline: how long a trial may take, likewise.
        memory: bytes, or text such as ``"4GB"``, that a worker may take.
        workers: processes; one a core if it is not given.
        threads: of each worker.
        models: whether each trial's trained model is kept.
        storage: the URL of the study's database, instead of a file.
        max_errors: trials with the same error after which it stops.
        runs: the folder where everything is recorded; ``$SWEEPER_RUNS``, or ``runs``, if it is not given.
        config_dir: your own config folder, searched before the one that comes with sweeper.
        progress: whether to show how it goes; if not given, in notebooks and on terminals.
        **keys: config keys, each with a value or a search.

    Raises:
        InputError: what was asked cannot be done; nothing was written.
        InterruptedRunError: it was interrupted; what is finished is kept, and the same call goes on.
        SweeperError: no trial finished and some failed.
    """
    from sweeper.jobs.tune import Search

    typed = read(overrides, keys, OPTIONS, own=config_dir is not None)
    search = Search(
        trials=trials,
        study=study,
        sampler=sampler,
        pruner=pruner,
        seed=sampler_seed,
        constraints=names(constraint),
        enqueue=[one if isinstance(one, str) else " ".join(read((), one)) for one in enqueue],
        warm_start=warm_start,
        baseline=baseline,
        timeout=seconds(timeout, "timeout"),
        max_errors=max_errors,
        storage=storage or os.environ.get("SWEEPER_STORAGE", ""),
        keep_models=models,
        **_of_workers(workers, threads, deadline, memory),
        **_of_objectives(names(objective), confirm, confirm_repeats),
    )
    return _searched(search, typed, space, folder(runs), path(config_dir), progress)


def _of_workers(
    workers: int | None, threads: int, deadline: float | str | None, memory: int | str | None
) -> dict[str, Any]:
    limit = seconds(deadline, "deadline") or 0.0
    return {"workers": workers or 0, "threads": threads, "deadline": limit, "memory": bytes_of(memory)}


def _of_objectives(objectives: list[str], confirm: int | None, repeats: int) -> dict[str, Any]:
    """What is made best, and how many are confirmed: of a front, nobody."""
    from sweeper.jobs.shared.search import confirming

    named = {"objective": objectives[0], "more": objectives[1:]} if objectives else {}
    return {**named, **confirming(confirm, several=len(objectives) > 1), "repeats": repeats}


def _searched(
    search: Search,
    typed: tuple[str, ...],
    space: str | None,
    runs: Path,
    config_dir: Path | None,
    progress: bool | None,
) -> TuneResult:
    from sweeper.api.progress import Shown, watching
    from sweeper.jobs.tune import tune as job

    search = replace(search, command=_command(search, typed, space, runs, config_dir))
    with watching(Shown("sweep", search.trials, fixed=typed), progress) as observe:
        document = job(typed, search, space=space, config_dir=config_dir, runs=runs, observe=observe)
    return TuneResult.read(document, runs)


def _command(search: Search, typed: tuple[str, ...], space: str | None, runs: Path, config_dir: Path | None) -> str:
    """The command line that goes on with the search; the folder knows the storage's address and password."""
    from sweeper.jobs.shared.search import Search, confirming
    from sweeper.study.storage.location import without_password

    usual = replace(Search(), trials=-1, **confirming(None, several=bool(search.more)))
    given = {f.name: getattr(search, f.name) for f in fields(search)}
    asked = search.confirm_share != usual.confirm_share
    own = {
        name: value for name, value in given.items() if value != getattr(usual, name) or (name == "confirm" and asked)
    }
    storage = own.pop("storage", "")
    options = {
        "objective": [search.objective, *search.more] if own.keys() & {"objective", "more"} else None,
        "constraint": own.pop("constraints", None),
        "no_models": not own.pop("keep_models", True),
        "storage": without_password(storage) if storage else None,
        "space": space,
        "config_dir": config_dir,
    }
    said = {"objective", "more", "command", "confirm_share"}
    rest = {name: value for name, value in own.items() if name not in said}
    zero = {name: str(value) if name == "confirm" else value for name, value in rest.items()}
    return command("tune", typed, zero | options, runs)


@dataclass(frozen=True, eq=False)
class TunedTrial:
    """One configuration of a sweep with its result; its text, ``STUDY:NUMBER``, names it everywhere.

    Attributes:
        study, number: by which it is found again.
        score: its objective's value.
        params: what was searched, by key.
        overrides: that make it, as the command line takes them.
        validation: its scores.
        runs: the folder where it is recorded.
    """

    study: str
    number: int
    score: float | None
    params: Mapping[str, Any]
    overrides: tuple[str, ...] = field(repr=False)
    validation: SplitScores | None = field(repr=False)
    runs: Path = field(repr=False)

    @classmethod
    def read(cls, study: str, part: Mapping[str, Any], runs: Path) -> TunedTrial:
        """From a part of a document."""
        validation = SplitScores.read(part["validation"])
        return cls(study, part["number"], part["score"], part["params"], tuple(part["overrides"]), validation, runs)

    def __str__(self) -> str:
        return f"{self.study}:{self.number}"


@dataclass(frozen=True, eq=False)
class TuneResult(CallResult):
    """A study: what was searched, and what was found.

    Attributes:
        study: its name.
        trials: how many were ``requested``, and are ``finished``, ``pruned``, ``failed``.
        best: the trial with the best score; None where none finished.
        winner: the trial that fresh seeds confirm; the best where nothing was confirmed.
        top: the leaders, the best first.
        confirmed: the sentence that says who leads on fresh seeds; empty where that was not asked.
        importance: of each hyperparameter, a share of 1.
        cautions: what to know before believing it.
        objective: what was made best.
        ended: how the search came to its end.
        seconds: that it took.
    """

    study: str
    trials: Mapping[str, int]
    best: TunedTrial | None
    winner: TunedTrial | None
    top: tuple[TunedTrial, ...] = field(repr=False)
    confirmed: str = field(repr=False)
    importance: Mapping[str, float] = field(repr=False)
    cautions: tuple[str, ...] = field(repr=False)
    objective: str = field(repr=False)
    ended: str = field(repr=False)
    seconds: float = field(repr=False)

    @classmethod
    def read(cls, document: Mapping[str, Any], runs: Path) -> TuneResult:
        """From what the job gave."""
        study, found = document["study"], document["confirmed"] or {}
        top = tuple(TunedTrial.read(study, one, runs) for one in document["top"])
        best = TunedTrial.read(study, document["best"], runs) if document["best"] else None
        return cls(
            document=document,
            runs=runs,
            notes=tuple(document["notes"]),
            study=study,
            trials=document["trials"],
            best=best,
            winner=next((one for one in top if one.number == found.get("winner")), best),
            top=top,
            confirmed=found.get("sentence", ""),
            importance=document["importance"],
            cautions=tuple(f"{one['message']}: {one['hint']}" for one in document["cautions"]),
            objective=document["objective"],
            ended=document["ended"],
            seconds=document["seconds"],
        )

    def __str__(self) -> str:
        return self.study

    def to_frame(self) -> pd.DataFrame:
        """Every trial of the study, one row each, as ``sweeper.results`` gives them."""
        from sweeper.tracking.run_rows import results

        return results(self.study, runs=self.runs)

    def draw(self) -> Picture | None:
        """The history of the search."""
        from sweeper.jobs.measures import measure_of
        from sweeper.jobs.shared.figures import shown_trial
        from sweeper.report.figures import history, png
        from sweeper.study.study_record import load_study

        record = load_study(self.runs, self.study)
        rows = [shown_trial(trial) for trial in record.trials]
        drawn = history(rows, measure=measure_of(record.objective), title=self.study)
        return Picture(png(drawn), f"Every trial of the study {self.study} by number, and the best so far")

    def blocks(self) -> Iterator[str]:
        """The leaders, what is known of them, and what mattered."""
        from sweeper.report.facts import short

        keys = list(dict.fromkeys(key for trial in self.top for key in trial.params))
        rows = [
            (f"#{one.number}", number(one.score), *(short(one.params.get(key, "")) for key in keys)) for one in self.top
        ]
        yield paragraph(self.confirmed, strong=True)
        yield table(("trial", self.objective, *keys), rows)
        yield from (paragraph(line) for line in (*self.notes, *self.cautions))
        if self.importance:
            yield table(("hyperparameter", "importance"), [(key, number(v, 2)) for key, v in self.importance.items()])
        kinds = [f"{self.trials[kind]} {kind}" for kind in ("finished", "pruned", "failed") if self.trials[kind]]
        yield paragraph(f"study {self.study}: {', '.join(kinds)}, of {self.trials['requested']} asked for", small=True)
