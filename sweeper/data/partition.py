"""Stratified, seeded choices of examples.

The order comes from the raw 64-bit output of PCG64 (O'Neill 2014) seeded through NumPy's SeedSequence. NumPy
promises that both stay as they are, which it does not promise of ``Generator.permutation``: a split made with one
version of Python and NumPy is made again by any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sweeper.data.row_keys import Keys, copies, distinct, equal_are_the_rule, mixed
from sweeper.data.split import Labels
from sweeper.errors import InputError

Indices = npt.NDArray[np.int64]

SEALED_SHARE = 0.2
"""The part of a set in one piece that is sealed as its test split."""

_USUAL_VALIDATION = 5000
_SMALL_SHARE = 0.2
_STREAMS = {"validation": 0, "train_size": 1, "sealed": 2, "folds": 3}


class ClassError(InputError):
    """Something about one class, of which only the number is known; ``Raw.naming_classes`` says its name."""

    def __init__(self, number: int, said: str, hint: str, key: str) -> None:
        super().__init__(f"class number {number} {said}", hint=hint, key=key)
        self.number, self.said = int(number), said


@dataclass(frozen=True)
class Cut:
    """Two disjoint choices of rows, each in the source's order."""

    rest: Indices
    taken: Indices


def validation_size(asked: float, available: int) -> tuple[int, str]:
    """How many examples of `available` to hold back, and a note where that is not what was asked.

    The one rule for small data: 5,000 is the usual size, and where it is more than a fifth of the training data,
    a fifth is taken instead and said so. Any other size is taken at its word.
    """
    fifth = round(_SMALL_SHARE * available)
    if asked == _USUAL_VALIDATION and fifth < _USUAL_VALIDATION:
        return fifth, f"validation holds {fifth:,} examples, a fifth of these {available:,}, not the usual 5,000"
    return (round(asked * available) if asked < 1 else int(asked)), ""


def take(labels: Labels, count: int, seed: int, stream: str, key: str) -> Cut:
    """Take `count` rows at random, each class in proportion, at least one of a class on either side.

    Args:
        labels: [N].
        count: rows to take.
        seed: of the choice.
        stream: what the choice is for; choices for different ends with one seed are independent.
        key: the config key to name when it cannot be done.

    Raises:
        InputError: more than there are, or too few for one of each class on either side.
    """
    classes, sizes = np.unique(labels, return_counts=True)
    _check(count, len(labels), classes, sizes, key)
    shares = _shares(sizes, count)
    order = shuffled_order(len(labels), seed, stream)
    shuffled = labels[order]
    chosen = np.zeros(len(labels), bool)
    for label, share in zip(classes, shares, strict=True):
        chosen[order[shuffled == label][:share]] = True
    return Cut(rest=np.flatnonzero(~chosen), taken=np.flatnonzero(chosen))


def sealed(labels: Labels, digest: str) -> Cut:
    """Cut the sealed test split (``taken``) off a set in one piece by the first rule: a fifth, by the set's digest.

    Raises:
        InputError: a class has too few examples to be in training, validation and test.
    """
    _check_rare(labels)
    count = max(round(SEALED_SHARE * len(labels)), len(np.unique(labels)))
    return take(labels, count, int(digest[:32], 16), "sealed", "dataset.path")


def sealed_by_content(labels: Labels, keys: Keys, *, together: bool = False) -> Cut:
    """Seal a fifth (``taken``) of the rows by their own content: each row whose key is in the lowest fifth of all keys.

    No other row has a say in it, so that a table with more rows, in another order or another format keeps its sealed
    rows, and equal rows lie on one side. Two things are forced: each class has a sealed row and two others, and where
    equal rows are the rule (fewer than one distinct row in ten, or a class of nothing else), each copy is a row by
    itself.

    Args:
        labels: [N].
        keys: [N], of the rows; see ``row_keys``.
        together: whether rows of one key must stay together, however many they are.

    Raises:
        InputError: a class has too few examples to be in training, validation and test.
    """
    _check_rare(labels)
    chosen = _chosen(labels, keys) if together or not equal_are_the_rule(keys) else None
    if chosen is None and together:
        raise InputError(
            "there are too few groups to have some of each class in training, validation and test",
            hint="each class needs rows in three groups at least",
            key="validation.group",
        )
    if chosen is None:
        chosen = _chosen(labels, copies(keys, labels))
    assert chosen is not None  # copies can be told apart, and each class has three
    return Cut(rest=np.flatnonzero(~chosen), taken=np.flatnonzero(chosen))


def latest(moments: npt.NDArray[np.float64], labels: Labels, share: float, key: str) -> Cut:
    """Take the latest rows (``taken``), about a share of all; rows of one moment stay together.

    Args:
        moments: [N].
        labels: [N].
        share: to take, above 0 and below 1.
        key: the config key to name when it cannot be done.

    Raises:
        InputError: a class is on one side alone.
    """
    ranked = np.sort(moments)
    limit = ranked[min(len(ranked) - 1, round((1 - share) * len(ranked)))]
    chosen = moments >= limit
    for label in np.unique(labels):
        if not chosen[labels == label].any() or chosen[labels == label].all():
            hint = "a class that comes or goes with time cannot be validated in time"
            raise ClassError(label, "is not among both the earlier and the latest rows", hint, key)
    return Cut(rest=np.flatnonzero(~chosen), taken=np.flatnonzero(chosen))


def take_groups(labels: Labels, groups: Keys, count: int, seed: int, key: str) -> Cut:
    """Take about `count` rows at random in whole groups, each class in proportion.

    The order hangs on the seed and each group's key alone, so that rows in another order are divided alike.

    Args:
        labels: [N].
        groups: [N], equal for rows that stay together.
        count: rows to take.
        seed: of the choice.
        key: the config key to name when it cannot be done.

    Raises:
        InputError: more than there are, or too few for one of each class on either side.
    """
    classes, sizes = np.unique(labels, return_counts=True)
    _check(count, len(labels), classes, sizes, key)
    for strata in (strata_of(labels, groups), np.zeros(len(labels), np.int64)):
        chosen = _in_groups(strata, groups, count, seed)
        if all(chosen[labels == label].any() and not chosen[labels == label].all() for label in classes):
            return Cut(rest=np.flatnonzero(~chosen), taken=np.flatnonzero(chosen))
    raise InputError(
        f"{key}: there are too few groups to put some of each class on either side",
        hint="use another validation.seed or validation.size",
        key=key,
    )


def strata_of(labels: Labels, groups: Keys) -> Labels:
    """The class of each row's group, -1 where it has several, [N]."""
    if distinct(groups) == len(groups):
        return labels
    _, firsts, inverse = np.unique(groups, return_index=True, return_inverse=True)
    first = labels[firsts][inverse]
    mixed_groups = np.unique(inverse[first != labels])
    return np.where(np.isin(inverse, mixed_groups), -1, first)


def _in_groups(strata: Labels, groups: Keys, count: int, seed: int) -> npt.NDArray[np.bool_]:
    """Which rows are taken: of each stratum its share of the count, in whole groups."""
    names, firsts, inverse, members = _groups(groups)
    ranks = mixed(names ^ mixed(np.array([seed + 1], np.uint64)))
    kinds, sizes = np.unique(strata, return_counts=True)
    taken = np.zeros(len(names), bool)
    for kind, share in zip(kinds, _in_proportion(sizes, count), strict=True):
        own = np.flatnonzero(strata[firsts] == kind)
        order = own[np.argsort(ranks[own])]  # no two are equal
        taken[order[: _nearest(members[order], int(share))]] = True
    return taken[inverse]


def _groups(groups: Keys) -> tuple[Keys, Indices, Indices, Indices]:
    """Their names, the first row and the number of rows of each, and each row's place among them.

    Where each row is a group by itself, they are in the rows' order: to sort them would take long, and ranks are all
    different.
    """
    if distinct(groups) == len(groups):
        rows = np.arange(len(groups))
        return groups, rows, rows, np.ones_like(rows)
    names, firsts, inverse, members = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    return names, firsts, inverse, members


def _nearest(sizes: npt.NDArray[np.int64], share: int) -> int:
    """How many of the first groups come nearest to a share of rows: not all of them."""
    reached = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return int(np.argmin(np.abs(reached - share)))


def _chosen(labels: Labels, keys: Keys) -> npt.NDArray[np.bool_] | None:
    """Which rows are sealed, each class on both sides; None where equal rows leave no way to that."""
    chosen = keys < np.uint64(SEALED_SHARE * 2**64)
    classes, _ = np.unique(labels, return_counts=True)  # of few different ones faster than without their counts
    for label in classes:
        own = labels == label
        if not _on_both_sides(own, chosen):
            _mend(own, chosen, keys)
    fair = all(_on_both_sides(labels == label, chosen) for label in classes)
    return chosen if fair else None


def _mend(own: npt.NDArray[np.bool_], chosen: npt.NDArray[np.bool_], keys: Keys) -> None:
    """Move the rows of a class whose keys are nearest to the limit to the side that has too few."""
    lacking = not np.any(own & chosen)
    ranked = np.unique(keys[own] if lacking else keys[own & chosen])
    for key in ranked if lacking else ranked[::-1]:
        chosen[keys == key] = lacking
        if _on_both_sides(own, chosen):
            return
        if lacking:
            chosen[keys == key] = False


def _on_both_sides(own: npt.NDArray[np.bool_], chosen: npt.NDArray[np.bool_]) -> bool:
    return bool(np.any(own & chosen)) and int(np.sum(own & ~chosen)) >= 2


def _check_rare(labels: Labels) -> None:
    classes, sizes = np.unique(labels, return_counts=True)
    if sizes.min() < 3:
        said = f"has {_examples(sizes.min())}; training, validation and test need one each"
        hint = "leave the class out, or add examples of it"
        raise ClassError(classes[np.argmin(sizes)], said, hint, "dataset.path")


def _examples(count: int) -> str:
    return "1 example" if count == 1 else f"{count} examples"


def _check(count: int, available: int, classes: Labels, sizes: Sequence[int] | npt.NDArray[np.int64], key: str) -> None:
    hint = f"there are {available:,} examples of {len(classes)} classes"
    if count >= available:
        raise InputError(f"{key} asks for {count:,} examples and must leave some of {available:,}", hint=hint, key=key)
    if count < len(classes):
        raise InputError(f"{key} comes to {count:,} examples, fewer than one of each class", hint=hint, key=key)
    if available - count < len(classes):
        raise InputError(f"{key} of {count:,} leaves fewer than one example of each class", hint=hint, key=key)
    rare = int(np.argmin(sizes))
    if sizes[rare] < 2:
        raise ClassError(classes[rare], f"has {_examples(sizes[rare])}, too few for {key}", hint, key)


def _shares(sizes: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """In proportion, then kept between 1 and all but one of each class."""
    shares = np.clip(_in_proportion(sizes, count), 1, sizes - 1)
    while (off := count - int(shares.sum())) != 0:
        room = sizes - 1 - shares if off > 0 else shares - 1
        shares[int(np.argmax(room))] += 1 if off > 0 else -1
    return shares


def _in_proportion(sizes: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """Whole numbers in proportion to sizes, by largest remainders (Hamilton)."""
    exact = sizes * count  # over sizes.sum(), in whole numbers so that no rounding depends on the platform
    total = int(sizes.sum())
    shares = exact // total
    short = count - int(shares.sum())
    shares[np.argsort(-(exact % total), kind="stable")[:short]] += 1
    return np.asarray(shares, np.int64)


def shuffled_order(count: int, seed: int, stream: str) -> Indices:
    """Numbers from 0 in the order that a seed gives them, [count]; `stream` as in ``take``."""
    if seed < 0:
        raise InputError(f"the seed {seed} is negative", hint="seeds count from 0", key="validation.seed")
    bits = np.random.PCG64(np.random.SeedSequence([seed, _STREAMS[stream]]))
    return np.argsort(bits.random_raw(count), kind="stable")
