"""What an answer means, when it is tried again, and in which order: the forwarder's rules, without network or clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.partners.forwarder.domain import (
    LONGEST_ASKED,
    PAUSES,
    Answer,
    Entry,
    State,
    ask_again,
    consent,
    due,
    fit_address,
    heads,
    judge,
    retry_after,
)

NOW = datetime(2016, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def entry(number: int, case: str, state: State = State.WAITING, next_at: datetime = NOW) -> Entry:
    return Entry(f"{number}", f"e{number}", case, state, 0, next_at, NOW)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_given_a_2xx_then_it_is_done(status: int) -> None:
    assert judge(1, Answer(status), NOW).state is State.DELIVERED


@pytest.mark.parametrize("status", [None, 301, 302, 307, 308, 400, 401, 403, 404, 409, 415, 422, 429, 500, 502, 503])
def test_given_anything_else_then_it_waits_for_the_next_moment_of_the_table_and_is_never_thrown_away(
    status: int | None,
) -> None:
    for number in range(1, len(PAUSES) + 1):
        verdict = judge(number, Answer(status), NOW)
        assert (verdict.state, verdict.next_at, verdict.stop) == (State.WAITING, NOW + PAUSES[number - 1], False)
    assert judge(len(PAUSES) + 1, Answer(status), NOW).state is State.PARKED


def test_given_the_table_then_pauses_grow_and_outlast_a_weekend() -> None:
    assert list(PAUSES) == sorted(PAUSES)
    assert PAUSES[0] <= 10 * SECOND, "a partner that starts again is not kept waiting"
    assert timedelta(days=3) < sum(PAUSES, timedelta(0)) < timedelta(days=30), "shorter than events stay on the topic"


def test_given_410_then_nothing_more_is_sent_there_and_the_event_stays() -> None:
    for number in (1, len(PAUSES) + 1):
        verdict = judge(number, Answer(410), NOW)
        assert (verdict.state, verdict.stop) == (State.WAITING, True)


@pytest.mark.parametrize("status", [429, 503])
def test_given_retry_after_then_everything_for_that_partner_waits_at_least_so_long(status: int) -> None:
    verdict = judge(1, Answer(status, retry_after=timedelta(minutes=20)), NOW)
    assert verdict.next_at == verdict.hold_until == NOW + timedelta(minutes=20)
    short = judge(5, Answer(status, retry_after=SECOND), NOW)
    assert short.next_at == NOW + PAUSES[4] and short.hold_until == NOW + SECOND
    for_ever = judge(1, Answer(status, retry_after=timedelta(days=900)), NOW)
    assert for_ever.next_at == NOW + LONGEST_ASKED


def test_given_retry_after_with_another_status_then_the_table_decides() -> None:
    verdict = judge(1, Answer(500, retry_after=timedelta(minutes=20)), NOW)
    assert verdict.next_at == NOW + PAUSES[0] and verdict.hold_until is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("120", timedelta(minutes=2)), (" 0 ", timedelta(0)), (None, None), ("", None), ("soon", None), ("-5", None),
        ("1.5", None), ("٣", None), ("9" * 9_000, LONGEST_ASKED),
        (format_datetime(NOW + timedelta(hours=1), usegmt=True), timedelta(hours=1)),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), timedelta(0)),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_a_date(said: str | None, meant: timedelta | None) -> None:
    assert retry_after(said, NOW) == meant


@given(st.text())
def test_no_retry_after_breaks_anything(said: str) -> None:
    found = retry_after(said, NOW)
    assert found is None or found >= timedelta(0)


def test_given_an_earlier_event_of_a_case_that_waits_or_is_parked_then_the_later_waits_and_other_cases_go_on() -> None:
    later = NOW + SECOND
    entries = [
        entry(1, "a", next_at=later), entry(2, "b"), entry(3, "a"), entry(4, "c", State.PARKED), entry(5, "c"),
        entry(6, "d", State.DELIVERED), entry(7, "d"), entry(8, "e", State.DROPPED), entry(9, "e"), entry(10, "b"),
    ]  # fmt: skip
    assert [one.id for one in due(entries, NOW)] == ["2", "7", "9"]
    assert [one.id for one in due(entries, later)] == ["1", "2", "7", "9"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(list(State)))))
def test_at_most_one_of_a_case_is_ever_on_its_way_and_nothing_undelivered_is_before_it(
    made: list[tuple[str, State]],
) -> None:
    entries = [entry(number, case, state) for number, (case, state) in enumerate(made)]
    chosen = heads(entries)
    assert len({one.case for one in chosen}) == len(chosen)
    for one in chosen:
        earlier = [other for other in entries[: int(one.id)] if other.case == one.case]
        assert all(other.state in (State.DELIVERED, State.DROPPED) for other in earlier)


@pytest.mark.parametrize("allowed", ["veilig.example", "VEILIG.example", "*", " veilig.example "])
def test_given_an_address_that_names_us_then_it_agreed(allowed: str) -> None:
    assert consent("veilig.example", Answer(200), allowed, None).given


@pytest.mark.parametrize(
    ("answer", "allowed"),
    [(Answer(200), None), (Answer(200), "other.example"), (Answer(405), "*"), (Answer(None, "ConnectError"), "*"),
     (Answer(302), "*"), (Answer(200), "veilig.example.attacker.example")],
)  # fmt: skip
def test_given_an_address_that_does_not_then_nothing_may_be_sent_and_it_says_why(
    answer: Answer, allowed: str | None
) -> None:
    found = consent("veilig.example", answer, allowed, None)
    assert not found.given and found.why


@pytest.mark.parametrize(
    ("said", "meant"), [("100", 100), ("*", None), (None, None), ("0", None), ("many", None), ("-1", None)]
)
def test_the_allowed_rate_is_a_number_a_minute(said: str | None, meant: int | None) -> None:
    assert consent("veilig.example", Answer(200), "*", said).per_minute == meant


def test_an_address_that_did_not_agree_is_asked_again_for_ever() -> None:
    moments = [ask_again(asked, NOW) for asked in (1, 2, len(PAUSES), 500)]
    assert moments == sorted(moments) and moments[0] == NOW + PAUSES[0] and moments[-1] == NOW + PAUSES[-1]


@pytest.mark.parametrize("url", ["https://gemeente.example/events", "http://127.0.0.1:1/x", "http://localhost:8443/"])
def test_an_address_over_https_or_on_this_machine_fits(url: str) -> None:
    assert fit_address(url) == url


@pytest.mark.parametrize(
    "url",
    ["http://gemeente.example/", "ftp://gemeente.example/", "gemeente.example", "https://", "https://u:p@x.example/",
     "https://x.example/#a", "https://x.example/\n", "https://x.example:port/", "https://é.example/", ""],
)  # fmt: skip
def test_another_address_does_not(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        fit_address(url)
