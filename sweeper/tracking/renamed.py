"""What of a run's record has its study's name in it, under another name of the study."""

from __future__ import annotations

from sweeper.tracking.base import StoredRun
from sweeper.tracking.describe import study_ref

_NAME = "mlflow.runName"


def ref_in(ref: str, old: str, new: str) -> str:
    """The ref of a study's parent run, or of one of its trials."""
    return study_ref(new) if ref == study_ref(old) else f"{new}:{ref.rpartition(':')[2]}"


def name_in(run: StoredRun, old: str, new: str) -> str:
    """The run's name; one that a person gave it stays."""
    study, slash, number = run.name.rpartition("/")
    if run.name == old:
        return new
    return f"{new}/{number}" if slash and study == old else run.name


def tags_in(run: StoredRun, old: str, new: str) -> dict[str, str]:
    """The tags of a run of the study that change."""
    ref = ref_in(run.tags["sweeper.ref"], old, new)
    return {"study": new, "sweeper.ref": ref, _NAME: name_in(run, old, new)}


def past_in(run: StoredRun, old: str, new: str) -> dict[str, str]:
    """The tags of another run that change: of a study that began warm with this one."""
    past = run.tags.get("past", "").split(",")
    return {"past": ",".join(new if name == old else name for name in past)} if old in past else {}
