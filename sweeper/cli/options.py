"""Options that several commands share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Overrides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="KEY=VALUE",
        help="Config keys to change, such as activation=tanh hidden=[100,30].",
        show_default=False,
    ),
]
ConfigDir = Annotated[
    Path | None,
    typer.Option("--config-dir", help="Your own config folder, searched before the one that comes with sweeper."),
]
Runs = Annotated[
    Path,
    typer.Option("--runs", envvar="SWEEPER_RUNS", show_envvar=True, help="Where everything is recorded."),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Write one JSON document to standard output, and nothing else there."),
]
Threads = Annotated[
    int,
    typer.Option("--threads", min=1, help="Threads of each worker; small networks are fastest with one."),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Worker processes; else one a core.", show_default=False),
]

RUNS = Path("runs")
"""The default of ``Runs``."""
