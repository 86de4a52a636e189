"""The few words that a document adds to a reading."""

import datetime
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """Words in one language.

    Args:
        language: Its code.
        title: The heading of a reading that has none.
        months: Names of the twelve months; empty where dates are written as numbers.
        date: How a date is put together from {day}, {month} and {year}.
    """

    language: str
    title: str
    months: tuple[str, ...] = ()
    date: str = "{day} {month} {year}"


_ENGLISH = Words(
    language="en",
    title="A Reading",
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
)
_GERMAN = Words(
    language="de",
    title="Eine Deutung",
    months=(
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
    date="{day}. {month} {year}",
)
_WORDS = {words.language: words for words in (_ENGLISH, _GERMAN)}


def words_in(language: str) -> Words:
    """Return the words in a language, or the English title with dates in numbers."""
    return _WORDS.get(language.split("-")[0]) or Words(language="en", title=_ENGLISH.title)


def write_date(day: datetime.date, words: Words) -> str:
    """Write a date with the name of its month where it is known, else as ISO 8601."""
    if not words.months:
        return day.isoformat()
    return words.date.format(day=day.day, month=words.months[day.month - 1], year=day.year)
