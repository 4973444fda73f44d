"""What somebody filled in: the API's own body, each mistake at its field, nothing that was typed lost."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError
from starlette.datastructures import FormData

from shared.web.forms import Euros, read_fields
from shared.web.http import Body

KEY = ("once", "11111111-1111-4111-8111-111111111111")


class Inner(Body):
    """Somebody."""

    name: str = Field(min_length=1)


class Whole(Body):
    """Of everything one."""

    who: Inner
    amount: int = 0
    agreed: bool = False
    reasons: tuple[str, ...] = ()
    held_at: AwareDatetime | None = None


def form(*fields: tuple[str, str]) -> FormData:
    return FormData([KEY, ("csrf_token", "t"), *fields])


def test_a_good_form_is_the_body_of_the_api() -> None:
    read = read_fields(
        form(("who.name", " Voorbeeld "), ("amount", "12"), ("agreed", "true"), ("reasons", "a"), ("reasons", "b"),
             ("held_at:date", "2016-07-01"), ("held_at:time", "21.40")),
        Whole, lists=("reasons",),
    )  # fmt: skip
    assert read.body == Whole(
        who=Inner(name="Voorbeeld"), amount=12, agreed=True, reasons=("a", "b"),
        held_at=datetime(2016, 7, 1, 19, 40, tzinfo=UTC),
    )  # fmt: skip
    assert read.key == KEY[1] and not read.form.errors


def test_each_mistake_is_at_its_field_and_what_was_typed_stays() -> None:
    read = read_fields(
        form(("amount", "veel"), ("held_at:date", "morgen"), ("reasons", "a")), Whole, lists=("reasons",)
    )
    assert read.body is None
    assert set(read.form.errors) == {"who", "amount", "held_at"}
    assert read.form.value("amount") == "veel" and read.form.value("held_at:date") == "morgen"
    assert read.form.has("reasons", "a") and not read.form.has("reasons", "b")


def test_what_is_left_empty_was_not_sent() -> None:
    read = read_fields(
        form(("who.name", "Voorbeeld"), ("amount", ""), ("held_at:date", ""), ("held_at:time", "")), Whole
    )
    assert read.body == Whole(who=Inner(name="Voorbeeld"))


def test_a_field_that_nobody_asked_for_is_a_mistake_and_is_not_repeated() -> None:
    read = read_fields(form(("who.name", "Voorbeeld"), ("admin", "kanarie")), Whole)
    assert read.body is None and "kanarie" not in str(read.form.errors)


@pytest.mark.parametrize("key", ["", "kort", "met spatie en meer", "x" * 65])
def test_a_form_without_a_key_is_not_acted_on(key: str) -> None:
    read = read_fields(FormData([("once", key), ("who.name", "Voorbeeld")]), Whole)
    assert read.body is None and "Laad de pagina opnieuw" in read.form.error("")


@pytest.mark.parametrize(("typed", "meant"), [
    ("30000", "30000"), ("30.000", "30000"), ("1.250,50", "1250.50"), ("1250,5", "1250.5"), ("1250.50", "1250.50"),
    ("€ 1.000.000", "1000000"), ("veel", None), ("1.00.000", None), ("1,234", None),
])  # fmt: skip
def test_an_amount_is_read_as_people_type_it(typed: str, meant: str | None) -> None:
    """`30.000` is thirty thousand, never thirty."""
    if meant is None:
        with pytest.raises(ValidationError):
            TypeAdapter(Euros).validate_python(typed)
    else:
        assert TypeAdapter(Euros).validate_python(typed) == Decimal(meant)
