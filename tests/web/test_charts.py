"""Charts: the same form for none, one and many; read out in full; nothing that a strict policy refuses."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from shared.web.charts import HEIGHT, bars

SVG = "{http://www.w3.org/2000/svg}"


def drawn(rows: list[tuple[str, int | str]]) -> ElementTree.Element:
    return ElementTree.fromstring(bars("Per maand", rows))


@pytest.mark.parametrize("number", [0, 1, 3, 400])
def test_one_bar_for_each_label_and_its_number_stands_on_it(number: int) -> None:
    chart = drawn([("jan", number), ("feb", 0)])
    assert len(chart.findall(f"{SVG}rect")) == 2
    assert [one.text for one in chart.findall(f"{SVG}text")] == [str(number), "jan", "0", "feb"]
    assert chart.get("role") == "img" and chart.get("aria-label") == f"Per maand: jan {number}, feb 0"
    assert all(0 <= float(one.get("y", "-1")) <= HEIGHT for one in chart.iter() if one.get("y"))


def test_few_do_not_fill_the_chart_and_the_highest_bar_does() -> None:
    (one,) = drawn([("jan", 1)]).findall(f"{SVG}rect")
    (many,) = drawn([("jan", 400)]).findall(f"{SVG}rect")
    assert float(one.get("height", "0")) * 4 < float(many.get("height", "0"))


def test_no_style_and_no_text_that_could_be_markup() -> None:
    text = str(bars('"><script>', [("<b>&", 1)]))
    assert "style" not in text and "<script" not in text and "<b>" not in text
    assert drawn([("<b>&", 1)]).findall(f"{SVG}text")[1].text == "<b>&"


def test_nothing_to_show_is_still_a_chart() -> None:
    assert drawn([]).get("aria-label") == "Per maand: "


def test_a_number_that_may_not_be_told_has_its_text_and_no_bar() -> None:
    chart = drawn([("jan", "<5"), ("feb", 7)])
    assert [one.text for one in chart.findall(f"{SVG}text")] == ["<5", "jan", "7", "feb"]
    assert chart.get("aria-label") == "Per maand: jan <5, feb 7"
    assert [float(one.get("height", "-1")) > 0 for one in chart.findall(f"{SVG}rect")] == [False, True]
