"""What each validation example adds to a member's score, as it is kept with a trial.

Of accuracy it is which examples are right, as packed bits; of numbers it is made of the residuals.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.report.facts import Measure
from sweeper.system.bits import unpack
from sweeper.trial import TrialResult

Parts = npt.NDArray[np.generic]


def residuals(text: str, data: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    """Predicted less true value of each validation example, in the target's unit, [N]; of a result's ``residuals``."""
    scale = float(data["target"]["scale"])
    return np.frombuffer(base64.b64decode(text), "<f2").astype(np.float64) * scale


def parts(result: TrialResult, measure: Measure) -> list[Parts]:
    """What each validation example adds to each member's score, [N] each, so that their mean is the score.

    Which are right, of accuracy; of an error of numbers its linear part. Empty where that is not known.
    """
    if measure.share:
        examples = int(result.data.get("sizes", {}).get("validation", 0))
        return [unpack(bits, examples) for bits in result.correct]
    if measure.key not in _OF_NUMBERS:
        return []
    errors = [residuals(text, result.data) for text in result.residuals]
    spread = float(result.data["target"]["spread"]) if errors else 0.0
    scores = result.validation.known.get(measure.key, ()) if result.validation else ()
    return [parts_of_errors(error, spread, score, measure.key) for error, score in zip(errors, scores, strict=False)]


def parts_of_errors(errors: npt.NDArray[np.float64], spread: float, score: float, key: str) -> npt.NDArray[np.float64]:
    """What each example adds to an error of numbers, [N]; what 16 bits have rounded off is added to all alike.

    Args:
        errors: predicted less true, [N].
        spread: standard deviation of the true numbers.
        score: the mean that the parts shall have.
        key: of the measure.
    """
    found = _OF_NUMBERS[key](errors, spread)
    return np.asarray(found + (score - found.mean()))


def _of_rmse(error: npt.NDArray[np.float64], _: float) -> npt.NDArray[np.float64]:
    """The root's tangent at the mean squared error."""
    root = float(np.sqrt(np.mean(error**2))) or 1.0
    return np.asarray(root / 2 + error**2 / (2 * root))


def _of_mae(error: npt.NDArray[np.float64], _: float) -> npt.NDArray[np.float64]:
    return np.abs(error)


def _of_r2(error: npt.NDArray[np.float64], spread: float) -> npt.NDArray[np.float64]:
    return np.asarray(1 - error**2 / (spread**2 or 1.0))


_OF_NUMBERS = {"rmse": _of_rmse, "mae": _of_mae, "r2": _of_r2}
