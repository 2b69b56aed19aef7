"""What was deleted in the tracker's own pages: respected, said, and brought back by one command."""

from __future__ import annotations

from sweeper.errors import InputError
from sweeper.tracking.base import RunReader, StoredRun, Tracker

ALL = "all"


def gone() -> InputError:
    """What is said where everything recorded was deleted, and something is to be recorded."""
    return InputError(
        "everything recorded was deleted in MLflow's pages",
        hint=f"sweeper doctor --restore {ALL} brings it back; or record in another folder with --runs DIR",
        key="runs",
    )


def deleted_note(reader: RunReader) -> str:
    """A line for whoever reads a record of which something was deleted; empty where nothing was."""
    gone = reader.runs(deleted=True)
    if not gone:
        return ""
    runs = f"{len(gone)} {'run was' if len(gone) == 1 else 'runs were'} deleted by sweeper rm or in MLflow's pages"
    which = "everything recorded, " if reader.deleted else ""
    return f"{which}{runs} (sweeper doctor --restore {ALL} brings {'it' if len(gone) == 1 else 'them'} back)"


def deleted_error(reader: RunReader, called: str) -> InputError | None:
    """What is wrong with a run or study that is asked for by name, where it was deleted."""
    gone = named(reader, called)
    if not gone or not called:
        return None
    what = "the run" if len(gone) == 1 else f"{len(gone)} runs of"
    return InputError(
        f"{what} {called} {'was' if len(gone) == 1 else 'were'} deleted by sweeper rm or in MLflow's pages",
        hint=f"sweeper doctor --restore {called} brings {'it' if len(gone) == 1 else 'them'} back",
        key="run",
    )


def restore(tracker: Tracker, called: str) -> list[StoredRun]:
    """Bring back what was deleted: a run by its id, the beginning of it or its name, STUDY, STUDY:N, or ``all``.

    Where the whole record was deleted, all of it comes back, whatever was named.

    Raises:
        InputError: nothing of that name was deleted.
        SweeperError: the record does not answer.
    """
    check_deleted(tracker.reader, called)
    found = named(tracker.reader, called)
    tracker.restore([run.run_id for run in found])
    return found


def check_deleted(reader: RunReader, called: str) -> None:
    """Make sure that something of that name was deleted.

    Raises:
        InputError: nothing was.
    """
    if not named(reader, called):
        rest = f"sweeper doctor --restore {ALL} brings back all" if reader.runs(deleted=True) else "nothing was deleted"
        raise InputError(f"nothing that is called {called} was deleted", hint=rest, key="--restore")


def named(reader: RunReader, called: str) -> list[StoredRun]:
    """The deleted runs that are meant by a name."""
    gone = reader.runs(deleted=True)
    if called == ALL:
        return gone
    return [run for run in gone if _is_meant(run, called)]


def _is_meant(run: StoredRun, called: str) -> bool:
    names = (run.name, run.tags.get("study", ""), run.tags.get("sweeper.ref", ""))
    return called in names or (len(called) > 3 and run.run_id.startswith(called))
