"""A look at the test split: opened once for a trained configuration, and on the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.config.schema import Config
from sweeper.data import ledger, sealed
from sweeper.jobs.scores import scored
from sweeper.records import Scores

if TYPE_CHECKING:
    from sweeper.data.split import Examples, Labels

LEDGER = "test-ledger.jsonl"


def look(config: Config, models: Sequence[Path], *, run: str, runs: Path, data_digest: str) -> dict[str, Any]:
    """Score a configuration's models on the sealed test split.

    Args:
        config: that the models were trained by.
        models: one a member.
        run: its id, for the ledger.
        runs: the folder with the ledger.
        data_digest: of the data that it was trained on.

    Returns:
        ``loss``, ``accuracy``, ``interval``, ``method``, ``per_seed``, and ``looks``: how often this test split has
        been opened, this time included.
    """
    # Loaded before anything is opened: a look that fails for want of a library would still be a look.
    from sweeper.train.evaluate import evaluate

    def score(features: Examples, labels: Labels) -> dict[str, float]:
        judged = [evaluate(model, features, labels, config.loss) for model in models]
        return _named([each.loss for each in judged], [each.accuracy for each in judged])

    entry = sealed.evaluate(
        config.dataset,
        config.validation,
        ledger=runs / LEDGER,
        who=ledger.who(),
        run=run,
        config_digest=config.digest,
        score=score,
        data_digest=data_digest,
    )
    return shown(entry)


def shown(entry: dict[str, Any]) -> dict[str, Any]:
    """A result on the ledger as documents have it."""
    result = entry["result"]
    members = range(int(result["members"]))
    loss, accuracy = (tuple(result[f"{name}.{member}"] for member in members) for name in ("loss", "accuracy"))
    return {**scored(Scores(loss, accuracy), entry["examples"]), "looks": entry["look"]}


def _named(loss: Sequence[float], accuracy: Sequence[float]) -> dict[str, float]:
    """The scores of all members as one line of the ledger keeps them."""
    of_loss = {f"loss.{member}": value for member, value in enumerate(loss)}
    return {"members": len(loss), **of_loss, **{f"accuracy.{member}": value for member, value in enumerate(accuracy)}}
