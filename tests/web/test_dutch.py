"""How moments, money and words read: Dutch, and in the time of Amsterdam, summer and winter."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from shared.access.roles import Role
from shared.access.timeline import GRANTED
from shared.contracts import vocabulary
from shared.web import dutch

NOW = datetime(2016, 3, 14, 20, 40, tzinfo=UTC)
KINDS = [Role, *(one for _, one in inspect.getmembers(vocabulary, inspect.isclass) if issubclass(one, StrEnum))]
NO_WORDS = {StrEnum, vocabulary.Growing}


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("2016-03-14T20:40:00Z", "maandag 14 maart 2016 om 21.40 uur"),
        ("2016-07-01T22:05:00+00:00", "zaterdag 2 juli 2016 om 0.05 uur"),
        (datetime(2016, 3, 14, 20, 40), "maandag 14 maart 2016 om 21.40 uur"),  # noqa: DTZ001
        (None, "nog niet"),
        ("", "nog niet"),
    ],
)
def test_a_moment(given: str | datetime | None, read: str) -> None:
    assert dutch.moment(given) == read


def test_a_day_is_that_of_amsterdam() -> None:
    assert dutch.day("2016-03-14") == "14 maart 2016"
    assert dutch.day("2016-03-14T23:30:00Z") == "15 maart 2016"
    assert dutch.day(NOW.date()) == "14 maart 2016"
    assert dutch.day(None) == "nog niet"


@pytest.mark.parametrize(
    ("moment", "read"),
    [
        ("2016-03-14T20:52:30Z", "nog 12 minuten"),
        ("2016-03-14T20:41:00Z", "nog 1 minuut"),
        ("2016-03-14T20:40:00Z", "nog 0 minuten"),
        ("2016-03-14T20:20:00Z", "20 minuten te laat"),
        ("2016-03-15T21:40:00Z", "nog 25 uur"),
        ("2016-03-11T20:40:00Z", "3 dagen te laat"),
    ],
)
def test_what_is_left(moment: str, read: str) -> None:
    assert dutch.left(moment, NOW) == read


def test_a_month_is_named_with_its_year() -> None:
    assert [dutch.month(one) for one in ("2016-03", "2015-12")] == ["maart 2016", "december 2015"]


def test_money() -> None:
    assert dutch.euro(38000).replace("\xa0", " ") == "€ 38.000,00"
    assert dutch.euro("0.5").replace("\xa0", " ") == "€ 0,50"
    assert dutch.euro(None) == "nog niet"


def test_every_event_that_somebody_sees_on_a_timeline_has_a_sentence() -> None:
    seen = {event.type_name().rsplit(".", 2)[1] for event, roles in GRANTED.items() if roles}
    assert seen <= set(dutch.words()["Event"])


@pytest.mark.parametrize("kind", [one for one in KINDS if one not in NO_WORDS], ids=lambda kind: kind.__name__)
def test_every_word_of_the_contracts_has_a_dutch_one(kind: type[StrEnum]) -> None:
    assert set(dutch.words()[kind.__name__]) == {one.value for one in kind}
