"""Habits from other tools: options that sweeper has under another name, or does not need, and why."""

from __future__ import annotations

CALLED = {
    "version": "v V",
    "list": "questions all-questions",
    "quick": "fast short small",
    "open": "browser browse launch",
    "stop": "off end kill quit shutdown",
    "trials": "n-trials ntrials max-trials num-trials budget count t",
    "study": "resume continue name study-name",
    "workers": "jobs n-jobs njobs j parallel processes num-workers",
    "objective": "metric monitor",
    "output": "out save to out-file",
    "runs": "dir out out-dir output-dir logdir mlruns",
    "pruner": "scheduler early-stopping",
    "sampler": "algorithm algo search search-alg",
    "timeout": "time time-limit max-time",
    "with": "shared common",
    "debug": "verbose v traceback",
    "yes": "y force f rf r fr",
    "watch": "follow f live tail",
    "limit": "top n head rows",
    "fix": "repair mend",
    "free": "clean cleanup gc",
}
"""Options by what they are called elsewhere."""

WHOLE: dict[str, tuple[tuple[str, ...], bool]] = {
    "csv": (("--format", "csv"), False),
    "parquet": (("--format", "parquet"), False),
    "where": (("--format", "csv"), True),
    "filter": (("--format", "csv"), True),
    "query": (("--format", "csv"), True),
    "columns": (("--format", "csv"), True),
    "share": (("--host", "0.0.0.0"), False),  # noqa: S104 - what the person asks for, and is warned of
    "public": (("--host", "0.0.0.0"), False),  # noqa: S104
    "interval": (("--watch",), True),
    "every": (("--watch",), True),
    "refresh": (("--watch",), True),
    "no-pruner": (("--pruner", "none"), False),
    "no-pruning": (("--pruner", "none"), False),
    "no-confirm": (("--confirm", "0"), False),
    "validation-loss": (("--objective", "validation.loss"), False),
}
"""Options of other tools that are one with its value here, and whether they have a value there.

All rows can be written, and chosen from by what reads them.
"""

NEEDLESS = {
    "multirun": ("values alone make a search", False),
    "m": ("values alone make a search", False),
    "gpu": ("it trains where it runs", False),
    "cuda": ("it trains where it runs", False),
    "device": ("it trains where it runs", True),
    "direction": ("an objective knows its direction", True),
    "maximize": ("an objective knows its direction", False),
    "minimize": ("an objective knows its direction", False),
    "best": ("the best come first", False),
    "train": ("it trains", False),
    "yes": ("it asks nothing", False),
    "y": ("it asks nothing", False),
    "open": ("the answer names the file to open", False),
    "progress": ("it is shown", False),
    "continue": ("the same command goes on", False),
    "show": ("it shows them", False),
    "verify": ("it does", False),
    "alpha": ("intervals are of 95 %, wider for several comparisons", True),
    "level": ("intervals are of 95 %, wider for several comparisons", True),
    "confidence": ("intervals are of 95 %, wider for several comparisons", True),
    "name": ("sweeper rename RUN NEW gives a run a name", True),
    "run-name": ("sweeper rename RUN NEW gives a run a name", True),
    "experiment": ("all runs of a folder are one experiment; --runs is another", True),
    "format": ("--json writes JSON", True),
}
"""Options of other tools that there is no need for: why, and whether they have a value."""
