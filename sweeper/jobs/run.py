"""``sweeper run``: one configuration, from its overrides to its record."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sweeper.config.compose import compose
from sweeper.config.grammar import untyped
from sweeper.config.with_data import GIVE_WAY
from sweeper.data import SEALED, places
from sweeper.data.columns import Column, columns_file
from sweeper.jobs.scores import of_folds, plain, scored
from sweeper.jobs.shared.opening import open_test_split, record_opening
from sweeper.jobs.shared.opening_report import Subject
from sweeper.study.plan import Note, Observer, ignore
from sweeper.study.session import Session, read_data, recording, workers
from sweeper.study.single_run import Run
from sweeper.study.single_run import run as study_run
from sweeper.system.files import temporary_folder
from sweeper.tracking import Tracker, open_reader
from sweeper.tracking.models import model_files
from sweeper.workers.cluster import HERE_ALONE, Cluster


def run(
    overrides: Sequence[str] = (),
    *,
    config_dir: Path | None = None,
    runs: Path = Path("runs"),
    threads: int = 1,
    cluster: Cluster = HERE_ALONE,
    test: bool = False,
    observe: Observer = ignore,
) -> dict[str, Any]:
    """Train one configuration, record it, and give what came out as a document.

    Args:
        overrides: ``KEY=VALUE`` each.
        config_dir: a user's own config folder.
        runs: where everything is recorded.
        threads: that the training may use.
        cluster: where it runs.
        test: whether to open the sealed test split once, on the ledger.
        observe: is given notes and the training's reports.

    Returns:
        ``run_id``, ``config``, ``dataset``, ``steps``, ``parameters``, ``seconds``, ``train``, ``validation`` (see
        ``shared.scores``),
        ``test`` (None unless it was asked for), ``notes``.

    Raises:
        InputError: the overrides or the data are of no use; nothing was written.
        InterruptedRunError: Ctrl-C; what was trained is recorded as interrupted.
        SweeperError: the training failed; recorded as failed.
    """
    began = time.monotonic()
    config = compose(overrides, config_dir)
    with workers(runs, 1, threads=threads, cluster=cluster) as pool:
        pool.prepare(config.dataset, config.validation)
        data = read_data(config, free=untyped(overrides, GIVE_WAY), pool=pool)
        if data.settled:
            overrides = (*overrides, *data.overrides)
            config = compose(overrides, config_dir)
        for line in data.notes:
            observe(Note(line))
        with recording(runs, observe) as tracker:
            places.note_file(data.facts)
            digest, which = str(data.facts["digest"]), str(data.facts.get(SEALED, ""))
            ran = study_run(config, overrides, Session(runs, pool, tracker, observe), digest=digest, sealed=which)
            _draw(ran, tracker, data.columns)
            run_id = ran.run_id.result()
            tested = None
            if test:
                models = [path for path in map(Path, ran.record.result.models) if path.exists()]
                models = models or model_files(open_reader(runs), run_id)
                scores = ran.record.result.validation
                validation = scores.mean(scores.main) if scores else None
                subject = Subject(config, models, run_id, digest, validation=validation, sealed=which)
                tested = open_test_split(subject, runs=runs)
                record_opening(tracker, ran.run_id, subject, tested)
    return _document(ran, run_id, tested, data.notes, time.monotonic() - began)


def _draw(ran: Run, tracker: Tracker, columns: Sequence[Column]) -> None:
    """How a table was read, and the learning curves, where there are any to see; then wait until all is written."""
    with temporary_folder() as folder:
        files = columns_file(columns, folder)
        if len(ran.record.history) > 1:
            files.append((_curves(ran, folder), "figures"))
        if files:
            tracker.update(ran.run_id, artifacts=files)
        tracker.flush()


def _curves(ran: Run, folder: Path) -> Path:
    from sweeper.report.figures.learning import learning_curves
    from sweeper.report.figures.style import save

    path = folder / "learning_curves.png"
    save(learning_curves({ran.record.name: ran.record.history}), path)
    return path


def _document(
    ran: Run, run_id: str, tested: dict[str, Any] | None, notes: Sequence[str], seconds: float
) -> dict[str, Any]:
    record, result = ran.record, ran.record.result
    assert result.train is not None
    assert result.validation is not None
    return {
        "run_id": run_id,
        "config": record.config,
        "overrides": list(record.overrides),
        "dataset": result.data,
        "steps": result.steps,
        **({"kept": dict(result.kept)} if result.kept else {}),
        "parameters": result.parameters,
        "seconds": {**result.seconds, "total": seconds},
        "train": plain(result.train),
        "validation": scored(result) | of_folds(result),
        "test": tested,
        "notes": list(notes),
    }
