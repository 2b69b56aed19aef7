"""From a stored column to what it is taken for, over all of its values at once, and from there to numbers.

Nothing that changes a meaning is guessed: a column that could be two things is refused with the keys that say which.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sweeper.config.schema import Dataset, Validation
from sweeper.data.columns import CATEGORY, DATE, DROPPED, GROUP, IDENTIFIER, NUMBER, TIME, YES_NO, Column
from sweeper.data.encode import lacks_any
from sweeper.data.portable.cells import FALSE, TRUE, number_pattern
from sweeper.data.portable.cells import NUMBER as NUMBERS
from sweeper.data.sealed import _lookalike as lookalike
from sweeper.data.sealed._stored import DAY, Stored
from sweeper.data.sealed._values import days_of_text, markers, typed
from sweeper.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

_COMMAS = r"^[+-]?[0-9]+(,[0-9]+)?([eE][+-]?[0-9]+)?$"
_THOUSANDS = r"^[+-]?[0-9]{1,3}([,. ][0-9]{3})+([.,][0-9]+)?$"
_COUNTS = ("id", "index", "idx", "row", "nr", "no", "number", "key", "uuid")
"""Names of columns that may count or name the rows."""
_MOST_CATEGORIES = 1000


def kind_of(stored: Stored, dataset: Dataset, separator: str, where: str) -> Column:
    """What a column is taken for.

    Args:
        stored: the column.
        dataset: with the keys that say it.
        separator: of the file's fields; behind semicolons, a comma is a decimal mark.
        where: the file, for messages.

    Raises:
        InputError: it could be two things, or holds what cannot be trained on.
    """
    try:
        column = _meant(stored, dataset, separator, where)
    except InputError:
        if stored.name not in dataset.drop:
            raise
        column = Column(stored.name, IDENTIFIER)
    column = replace(column, base=column.kind if column.kind != IDENTIFIER else "")
    if stored.name in dataset.drop:
        return replace(column, kind=DROPPED, why="by dataset.drop")
    return column


def dividing_once(stored: Stored, dataset: Dataset, separator: str, where: str, validation: Validation) -> Column:
    """The same for what is bound to data of before, when texts could say an order, too; raises as ``kind_of``."""
    if stored.name and stored.name == validation.time:
        column = kind_of(stored, dataset, separator, where)
        if column.base:
            return replace(column, kind=TIME, why="by validation.time")
    return dividing(stored, dataset, separator, where, validation)


def dividing(stored: Stored, dataset: Dataset, separator: str, where: str, validation: Validation) -> Column:
    """What a column is taken for, where it may be one that divides the rows; that is not trained on.

    Raises:
        InputError: as ``kind_of``; or it is to say the order in time, and holds texts.
    """
    column = kind_of(stored, dataset, separator, where)
    if stored.name and stored.name == validation.group:
        if not column.base:  # an identifier: of persons, who may have several rows
            names = replace(dataset, categories=(*dataset.categories, stored.name))
            column = kind_of(stored, names, separator, where)
        return replace(column, kind=GROUP, why="by validation.group")
    if stored.name and stored.name == validation.time:
        if not column.base and (not stored.is_text or stored.plain is not None):  # one that counts the rows
            column = replace(column, base=NUMBER)
        if column.base not in {NUMBER, DATE}:
            holds = (column.why or column.kind).split(";")[0]
            raise InputError(
                f"{where}: column '{stored.name}' has no order in time: it holds {holds}",
                hint=f"name a column of dates or numbers; dataset.dates=[{stored.name}] and dataset.date_format="
                "'%d.%m.%Y' read dates that are written so",
                key="validation.time",
            )
        return replace(column, kind=TIME, why="by validation.time")
    return column


def _meant(stored: Stored, dataset: Dataset, separator: str, where: str) -> Column:
    if stored.name in dataset.categories:
        return _category(stored, "by dataset.categories", limit=False)
    return _of_type(stored, where) or _plainly(stored, dataset) or _of_text(stored, dataset, separator, where)


def _of_type(stored: Stored, where: str) -> Column | None:
    """What the file itself says; None for text."""
    import pyarrow as pa

    if stored.is_text:
        return None
    kind, is_ = stored.cells.type, pa.types
    if is_.is_dictionary(kind):
        return _category(stored, "a category in the file")
    if is_.is_integer(kind) or is_.is_floating(kind) or is_.is_decimal(kind):
        return _counter(stored) or Column(stored.name, NUMBER, "", _count_missing(stored))
    known = (
        (is_.is_boolean(kind), YES_NO, "true or false"),
        (is_.is_date(kind) or is_.is_timestamp(kind), DATE, "dates, as days since 1970"),
        (is_.is_time(kind) or is_.is_duration(kind), NUMBER, "times, in seconds"),
        (is_.is_null(kind), DROPPED, "it is empty"),
    )
    for holds, meant, why in known:
        if holds:
            return Column(stored.name, meant, why, stored.cells.null_count)
    hint = f"leave it out: dataset.drop=[{stored.name}]"
    raise InputError(f"{where}: column '{stored.name}' holds {kind} values", hint=hint, key="dataset.drop")


def _count_missing(stored: Stored) -> int:
    values = typed(stored, NUMBER)
    return int(np.isnan(values).sum()) if lacks_any(values) else 0


def _of_text(stored: Stored, dataset: Dataset, separator: str, where: str) -> Column:
    import pyarrow.compute as pc

    missing = stored.missing(markers(dataset))
    lacking = int(pc.sum(missing).as_py() or 0)
    present = len(stored.cells) - lacking
    if stored.name in dataset.numbers:
        return _told_number(stored, dataset, separator, missing, lacking, where)
    if not present:
        return Column(stored.name, DROPPED, "it is empty", lacking)
    if stored.name in dataset.dates or _all(stored.like(DAY), missing):
        return _date(stored, missing, lacking, where, dataset.date_format)
    number = _number(stored, dataset, separator, missing, lacking, where)
    if number is not None:
        return number
    words = {str(word).casefold() for word in pc.unique(stored.texts).to_pylist() if word not in markers(dataset)}
    if len(words) == 2 and len(words & set(TRUE)) == 1 and len(words & set(FALSE)) == 1:
        return Column(stored.name, YES_NO, " or ".join(sorted(words)), lacking)
    return _category(stored, "")


def _plainly(stored: Stored, dataset: Dataset) -> Column | None:
    """A column that is nothing but numbers, seen without a second reading."""
    told = stored.name in {*dataset.numbers, *dataset.dates} or dataset.decimal or dataset.thousands
    if told or dataset.missing_markers or stored.plain is None or stored.led_by_zeros:
        return None
    lacking = int(np.isnan(stored.plain).sum()) if lacks_any(stored.plain) else 0
    if lacking == len(stored.plain):
        return None
    return _counter(stored) or Column(stored.name, NUMBER, "", lacking)


def _number(stored: Stored, dataset: Dataset, separator: str, missing: Any, lacking: int, where: str) -> Column | None:
    """The column as numbers; None where it has none."""
    decimal, thousands = dataset.decimal or ".", dataset.thousands
    if not (dataset.decimal or thousands) and stored.led_by_zeros:
        return None
    plain = stored.like(number_pattern(decimal, thousands))
    if not _all(plain, missing) and _all(stored.like(NUMBERS), missing):
        plain, decimal, thousands = stored.like(NUMBERS), ".", ""
    if _all(plain, missing):
        why = "" if decimal == "." else f"with decimal {decimal!r}"
        return _counter(stored, missing) or Column(stored.name, NUMBER, why, lacking, (), decimal, thousands)
    if not (dataset.decimal or thousands) and _all(stored.like(_COMMAS), missing):
        if separator != ",":
            return Column(stored.name, NUMBER, "with decimal commas", lacking, (), ",")
        raise _ambiguous(stored, where)
    if not (dataset.decimal or thousands) and _all(_or(plain, stored.like(_THOUSANDS)), missing):
        raise _ambiguous(stored, where)
    _check_mostly(stored, plain, missing, where)
    return None


def _check_mostly(stored: Stored, plain: Any, missing: Any, where: str) -> None:
    """Refuse a column of numbers in which a few values are none: as categories, all of them would lose their size."""
    import pyarrow.compute as pc

    count = len(stored.cells) - int(pc.sum(missing).as_py() or 0)
    numbers = int(pc.sum(plain).as_py() or 0)
    if numbers * 2 < count:
        return
    odd = pc.and_(pc.invert(plain), pc.invert(missing))
    row = int(pc.index(odd, True).as_py())
    value = stored.texts[row].as_py()
    raise InputError(
        f"{where}: column '{stored.name}' has numbers in {numbers:,} rows and {count - numbers:,} other texts, the "
        f"first {value!r} in data row {row + 1}",
        hint=_hint_of_odd(stored.name, value),
        key="dataset.path",
    )


def _hint_of_odd(name: str, value: str) -> str:
    if any(sign.isdigit() for sign in value):
        return f"write numbers as -1.5 throughout; dataset.categories=[{name}] takes all of them for categories"
    return f"dataset.missing_markers=['{value}'] takes it for missing, dataset.categories=[{name}] all for categories"


def _told_number(stored: Stored, dataset: Dataset, separator: str, missing: Any, lacking: int, where: str) -> Column:
    if units := lookalike.units_of(stored, missing):
        bare = replace(dataset, numbers=(stored.name,))
        found = _told_number(stored.without(units), bare, separator, missing, lacking, where)
        return replace(found, why=f"by dataset.numbers, without {' and '.join(map(repr, units))}", units=units)
    decimal = dataset.decimal or ("," if separator != "," and not _all(stored.like(NUMBERS), missing) else ".")
    plain = stored.like(number_pattern(decimal, dataset.thousands))
    if not _all(plain, missing):
        _check_mostly(stored, plain, missing, where)
        raise InputError(f"{where}: column '{stored.name}' holds no numbers", key="dataset.numbers")
    return Column(stored.name, NUMBER, "by dataset.numbers", lacking, (), decimal, dataset.thousands)


def _ambiguous(stored: Stored, where: str) -> InputError:
    import pyarrow.compute as pc

    row = int(
        pc.index(_or(stored.like(r".*,.*"), _or(stored.like(r".* .*"), stored.like(r".*\..*\..*"))), True).as_py()
    )
    value = stored.texts[max(row, 0)].as_py()
    return InputError(
        f"{where}: column '{stored.name}' has numbers such as {value!r}, in which the mark may stand for thousands or "
        "for a fraction",
        hint=f"say which: {_marks(value)}",
        key="dataset.decimal",
    )


def _marks(value: str) -> str:
    """The keys that read a number with such marks; of two different ones, the last is the decimal mark."""
    marks = re.sub("[^,. ]", "", value)
    if len(set(marks)) == 1:
        return f"dataset.thousands=\"'{marks[0]}'\" or dataset.decimal=\"'{marks[0]}'\""
    return f"dataset.thousands=\"'{marks[0]}'\" dataset.decimal=\"'{marks[-1]}'\""


def _date(stored: Stored, missing: Any, lacking: int, where: str, form: str) -> Column:
    form = "" if _all(stored.like(DAY), missing) else form
    try:
        days_of_text(stored, missing, form)
    except (ValueError, OverflowError) as error:
        odd, row = stored.first_odd_day(missing, form)
        what = f"a text that is no date of 1678 to 2261, {odd!r} in data row {row + 1}"
        raise InputError(
            f"{where}: column '{stored.name}' has {what}",
            hint="dates are read as 2026-01-31; dataset.date_format='%d/%m/%Y' names another way to write them, "
            f"dataset.missing_markers=['{odd}'] takes that one for missing",
            key="dataset.date_format",
        ) from error
    told = f"dates by {form}" if form else "dates"
    return Column(stored.name, DATE, f"{told}, as days since 1970", lacking, date_format=form)


def _category(stored: Stored, why: str, *, limit: bool = True) -> Column:
    import pyarrow.compute as pc

    texts = stored.texts
    names = sorted(str(name) for name in pc.unique(texts).to_pylist() if name)
    lacking = int(pc.sum(pc.fill_null(pc.equal(texts, ""), True)).as_py() or 0)
    if limit and len(names) > max(2, min(_MOST_CATEGORIES, (len(texts) - lacking) // 2)):
        told = f"text with {len(names):,} different values in {len(texts):,} rows; dataset.categories keeps it"
        return Column(stored.name, IDENTIFIER, told, lacking)
    return Column(stored.name, CATEGORY, why or f"{len(names)} different texts", lacking, tuple(names))


def _counter(stored: Stored, missing: Any = None) -> Column | None:
    """A column that counts or names the rows: whole numbers, no two equal, under a name that says so, or under none."""
    nameless = not stored.name or stored.name.startswith(("Unnamed:", "__index_level_"))
    word = stored.name.casefold().rpartition("_")[2]
    if not (nameless or word in _COUNTS or stored.name.endswith("Id")):
        return None
    if stored.is_text:
        numbers = stored.plain if stored.plain is not None else stored.numbers(missing)
    else:
        numbers = typed(stored, NUMBER)
    whole = bool(np.all(numbers == np.round(numbers)))
    if not whole or len(np.unique(numbers)) < len(numbers):
        return None
    return Column(stored.name, IDENTIFIER, "it numbers the rows, no two alike")


def _all(holds: pa.ChunkedArray, missing: pa.ChunkedArray) -> bool:
    import pyarrow.compute as pc

    return bool(pc.all(_or(holds, missing)).as_py())


def _or(one: Any, other: Any) -> Any:
    import pyarrow.compute as pc

    return pc.or_(one, other)
