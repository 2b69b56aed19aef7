"""What a study is bound to from its first trial on: going on with anything else would mix what cannot be compared."""

from __future__ import annotations

import hashlib
from typing import Any

from sweeper.errors import InputError
from sweeper.study.objectives import constraint
from sweeper.study.plan import Plan
from sweeper.study.search.pruners import PRUNERS
from sweeper.study.search.resource import KEY as KEY_OF_RESOURCE
from sweeper.study.search.resource import Resource

SCHEMA = 1
"""The version of everything that sweeper keeps in a study's attributes."""

KEY = "sweeper"
"""The study's attribute with all of this."""

_WHAT = {
    "schema": "version of sweeper",
    "kind": "kind of sweep",
    "data": "data",
    "space": "search space",
    "objective": "objective",
    "constraints": "constraints",
    "past": "earlier study",
    "sampler": "sampler",
    "seed": "seed",
    "pruner": "pruner",
}
"""What is compared, in the order in which differences are named."""


def facts(plan: Plan) -> dict[str, Any]:
    """What a study of this plan is bound to, as plain values."""
    return {
        "schema": SCHEMA,
        "kind": "search" if plan.space is not None else "points",
        "data": {"name": plan.data.get("name", ""), "digest": plan.data.get("digest", "")},
        "space": {"digest": plan.space.digest, **plan.space.to_dict()} if plan.space is not None else None,
        "points": [point.config.digest for point in plan.points],
        "objective": ",".join([plan.objective, *plan.more]),
        "constraints": ",".join(str(constraint(text)) for text in plan.constraints),
        "past": past_of(plan),
        "sampler": plan.sampler if plan.space is not None else "",
        "pruner": plan.pruner,
        KEY_OF_RESOURCE: Resource.of(plan).to_json() if PRUNERS[plan.pruner].prunes and not plan.more else None,
        "seed": plan.seed,
        "sizes": dict(plan.data.get("sizes", {})),
    }


def past_of(plan: Plan) -> str:
    """The earlier studies whose trials a sampler knows, by name; the first time decides how many of them."""
    return ",".join(dict.fromkeys(one.name.rpartition(":")[0] for one in plan.past))


def check(plan: Plan, kept: dict[str, Any]) -> None:
    """Make sure that the study can go on with this plan.

    Raises:
        InputError: what differs, and the way out.
    """
    asked = facts(plan)
    for key, what in _WHAT.items():
        old, new = _short(kept.get(key, "")), _short(asked[key])
        if old != new:
            raise _differs(plan, what, f"{old}, not {new}", key)
    shared = min(len(kept["points"]), len(asked["points"]))
    if kept["points"][:shared] != asked["points"][:shared]:
        old, new = _digest(kept["points"][:shared]), _digest(asked["points"][:shared])
        raise _differs(plan, "list of configurations", f"{old}, not {new}", "points")


def _differs(plan: Plan, what: str, difference: str, key: str) -> InputError:
    return InputError(
        f"the study {plan.study!r} was begun with another {what}: {difference}",
        hint=f"go on with the first {what}, or begin another study with --study NAME",
        key=key,
    )


def _short(value: Any) -> str:
    """A value as a person can compare it."""
    if isinstance(value, dict) and "digest" in value:
        return f"{value.get('name', '')} {str(value['digest'])[:12]}".strip()
    return str(value)


def _digest(values: list[str]) -> str:
    return hashlib.sha256("".join(values).encode()).hexdigest()[:12]
