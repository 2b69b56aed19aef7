"""Texts that look like something else than what they are taken for: said, with the keys that read them so."""

from __future__ import annotations

import re
import unicodedata
from ast import literal_eval
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from sweeper.config.schema import Dataset
from sweeper.data.columns import CATEGORY, IDENTIFIER, NUMBER, Column
from sweeper.data.sealed._stored import DAY, Stored
from sweeper.data.sealed._values import markers

_MONTHS = "[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Mm]a[yi]|[Jj]un|[Jj]ul|[Aa]ug|[Ss]ep|[Oo][ck]t|[Nn]ov|[Dd]e[cz]"
_DATES = (
    (r"^[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}( .*)?$", "%d.%m.%Y"),
    (r"^[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{4}( .*)?$", "%d/%m/%Y' or '%m/%d/%Y"),
    (r"^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2}( .*)?$", "%d/%m/%y' or '%m/%d/%y"),
    (r"^[0-9]{4}[./][0-9]{1,2}[./][0-9]{1,2}( .*)?$", "%Y/%m/%d"),
    (rf"^[0-9]{{1,2}}[. -]+({_MONTHS})[a-z]*[., -]+[0-9]{{4}}$", "%d %b %Y"),
    (rf"^({_MONTHS})[a-z]* [0-9]{{1,2}},? [0-9]{{4}}$", '"%b %d, %Y"'),
)
_TIMES = r"^[0-2]?[0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?( ?[AaPp][Mm])?$"
_COMPACT = r"^(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$"
_DRESSED = re.compile(r"([^0-9A-Za-z+\-−.,()' ]{0,8}) ?[+\-−]?[0-9][0-9.,' ]*? ?([^0-9.,' ]{0,8})")
_DAYS = 19000101
_SOME = 10
"""Different texts that tell numbers with a word behind from names."""
_MARKS = "'’ \xa0\u202f"
_GROUPED = r"^[^0-9]{0,8}[0-9]{1,3}(['’ \x{a0}\x{202f}][0-9]{3})+([.,][0-9]+)?[^0-9]{0,8}$"


def units_of(stored: Stored, missing: Any) -> tuple[str, ...]:
    """Texts that stand around every number of a column, such as "$" or "%"; none where there is another text."""
    import pyarrow.compute as pc

    present = pc.filter(stored.texts, pc.invert(missing))
    first = _DRESSED.fullmatch(present[0].as_py()) if len(present) else None
    units = tuple(filter(None, (part.strip() for part in first.groups()))) if first else ()
    if not units:
        return ()
    present = pc.unique(present)
    pattern = r"^[^0-9]*[0-9][0-9.,' ]*[^0-9]*$"
    alike = all(pc.all(pc.match_substring(present, unit)).as_py() for unit in units)
    some = _SOME if any(unit.isalpha() for unit in units) else 2
    numbers = alike and pc.all(pc.match_substring_regex(present, pattern)).as_py()
    return units if numbers and pc.count_distinct(present).as_py() >= some else ()


def said(columns: Sequence[Column], stored: Sequence[Stored], dataset: Dataset) -> Iterator[str]:
    """A line on each column of text that looks like dates, times or numbers, or whose texts differ in case alone."""
    by_name = {one.name: one for one in stored}
    for column in columns:
        if column.name in {*dataset.categories, *dataset.drop, *dataset.numbers, *dataset.dates} or not column.name:
            continue
        one = by_name[column.name]
        if one.is_text and column.kind in {CATEGORY, IDENTIFIER, NUMBER}:
            yield from _of_text(column, one, dataset)


def _of_text(column: Column, stored: Stored, dataset: Dataset) -> Iterator[str]:
    if column.kind == NUMBER and not _begins_with_days(stored):
        return
    missing = stored.missing(markers(dataset))
    present = _present(column, stored, missing)
    if not len(present):
        return
    example, name = repr(present[0].as_py()), column.name
    if column.kind == NUMBER:
        if len(present) > 1 and _all(present, _COMPACT):
            yield (
                f"warning: '{name}' is read as numbers, and looks like dates (such as {example}): "
                f"dataset.dates=[{name}] dataset.date_format='%Y%m%d' reads it so"
            )
        return
    taken = "left out" if column.kind == IDENTIFIER else "read as categories"
    if of_dates := _of_dates(name, present, taken):
        yield of_dates
    elif _all(present, _TIMES):
        yield f"warning: '{name}' looks like times of day (such as {example}) and is {taken}: write them as numbers"
    elif _all(present, _GROUPED):
        yield (
            f"warning: '{name}' looks like numbers with a mark for thousands (such as {example}) and is {taken}: "
            f"dataset.thousands={_quoted(example)} names the mark"
        )
    elif units_of(stored, missing):
        yield (
            f"warning: '{name}' looks like numbers with a unit (such as {example}) and is {taken}: "
            f"dataset.numbers=[{name}] reads it"
        )
    elif column.kind == CATEGORY:
        yield from _of_alike(column)


def _of_alike(column: Column) -> Iterator[str]:
    if alike := differ_in_case(column.categories):
        yield f"warning: categories of '{column.name}' differ in case alone: {alike}"
    if alike := look_alike(column.categories):
        yield f"warning: categories of '{column.name}' look alike and are not the same signs: {alike}"


def _begins_with_days(stored: Stored) -> bool:
    """Whether the first numbers look like 20250131."""
    if stored.read is not None and not np.all(stored.read[:_SOME] >= _DAYS):
        return False
    return _all(stored.texts.slice(0, _SOME), _COMPACT)


def _quoted(example: str) -> str:
    """The mark for thousands in a number, as it is typed."""
    mark = next(sign for sign in literal_eval(example) if sign in _MARKS)
    return '\\"\\\'\\"' if mark == "'" else f"\"'{mark}'\""


def _present(column: Column, stored: Stored, missing: Any) -> Any:
    """The texts that are there; of others than numbers each different one once, in the order of their first rows."""
    import pyarrow.compute as pc

    present = pc.filter(stored.texts, pc.invert(missing))
    return present if column.kind == NUMBER else pc.unique(present)


def _all(present: Any, pattern: str) -> bool:
    import pyarrow.compute as pc

    some = (present.slice(0, _SOME), present)  # mostly the first say it
    return all(pc.all(pc.match_substring_regex(part, pattern)).as_py() for part in some)


def _of_dates(name: str, present: Any, taken: str) -> str:
    """The line on texts that are dates in another form, or all but one of them in the usual form; "" for others."""
    form = next((form for pattern, form in _DATES if _all(present, pattern)), "")
    if form:
        return (
            f"warning: '{name}' looks like dates (such as {present[0].as_py()!r}) and is {taken}: "
            f"dataset.dates=[{name}] dataset.date_format='{form}' reads it"
        )
    odd = _but_for_one(present)
    if not odd:
        return ""
    return (
        f"warning: '{name}' looks like dates but for {odd!r} and is {taken}: dataset.missing_markers=['{odd}'] takes "
        "that for missing"
    )


def _but_for_one(present: Any) -> str:
    """The one different text that is no date, where all others are; "" where there are more, or none."""
    import pyarrow.compute as pc

    odd = pc.filter(present, pc.invert(pc.match_substring_regex(present, DAY)))
    return str(odd[0].as_py()) if len(odd) == 1 and len(present) > _SOME else ""


def differ_in_case(names: Sequence[str]) -> str:
    """The first categories that are one text but for case; "" for none."""
    return _alike(names, str.casefold)


def look_alike(names: Sequence[str]) -> str:
    """The first categories that look alike, as invisible signs or two codes for one letter are between them."""
    return _alike(names, _seen)


def _seen(name: str) -> str:
    shown = "".join(sign for sign in name if sign.isspace() or unicodedata.category(sign) not in {"Cf", "Cc"})
    return " ".join(unicodedata.normalize("NFC", shown).split())


def _alike(names: Sequence[str], seen: Callable[[str], str]) -> str:
    counts = Counter(map(seen, names))
    twice = next((name for name, count in counts.items() if count > 1), None)
    return ", ".join(ascii(name) if seen is _seen else repr(name) for name in names if seen(name) == twice)
