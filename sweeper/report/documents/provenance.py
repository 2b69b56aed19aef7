"""Where a report's numbers come from, as its last section says it."""

from __future__ import annotations

from sweeper.report.documents.model import Block, Cell, Code, Facts, Paragraph
from sweeper.report.facts import Provenance


def provenance_blocks(provenance: Provenance) -> list[Block]:
    """The facts as a list, and the command that makes it all again."""
    sizes = ", ".join(f"{count:,} {name}" for name, count in provenance.sizes.items())
    rows: dict[str, Cell] = {
        "Data set": provenance.dataset + (f" ({sizes})" if sizes else ""),
        "SHA-256 of the data": provenance.digest,
        "Steps of a training": f"{provenance.steps:,}" if isinstance(provenance.steps, int) else provenance.steps,
        "Seeds": _seeds(list(provenance.seeds)),
        "Trainings": f"{provenance.trials:,}" if provenance.trials else None,
        "Time": None if provenance.seconds is None else duration(provenance.seconds),
        "Versions": ", ".join(f"{name} {version}" for name, version in provenance.versions.items()),
    }
    facts = Facts({name: value for name, value in (rows | dict(provenance.more)).items() if value})
    if not provenance.command:
        return [facts]
    return [facts, Paragraph("The same again:"), Code(provenance.command)]


def duration(seconds: float) -> str:
    """Seconds as a person says them: 42 s, 3 min 20 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.3g} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _seeds(seeds: list[int]) -> str:
    if len(seeds) > 2 and seeds == list(range(seeds[0], seeds[-1] + 1)):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(str(seed) for seed in seeds)
