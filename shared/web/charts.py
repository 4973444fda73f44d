"""Charts as SVG in the page, made on the server with `svg.py`; the table beside a chart says the same in numbers.

A chart has one series and one ink, that of the text, so it needs no colour and follows the theme. It has the same form
for no, one and many.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import svg
from markupsafe import Markup

WIDTH, HEIGHT, FOOT, HEAD = 640, 200, 24, 20
"""Of the drawing, in its own units: below the bars stand the labels, above them the numbers."""
FEWEST = 5
"""The scale goes at least to this, so that one single thing does not fill the chart."""


def bars(title: str, rows: Sequence[tuple[str, int | str]]) -> Markup:
    """A bar for each label. `title` is read out with all numbers; `rows`: label and number, none below zero.

    A number that may not be told exactly is a text, such as `<5`: it stands there without a bar.
    """
    heights = [0 if isinstance(number, str) else number for _, number in rows]
    most = max([FEWEST, *heights])
    wide = WIDTH / max(1, len(rows))
    drawn: list[svg.Element] = []
    for place, (label, number) in enumerate(rows):
        high = (HEIGHT - FOOT - HEAD) * heights[place] / most
        left, top = place * wide, HEIGHT - FOOT - high
        drawn.append(svg.Rect(x=left + wide * 0.2, y=top, width=wide * 0.6, height=high, fill="currentColor"))
        drawn.append(_text(left + wide / 2, top - 4, str(number)))
        drawn.append(_text(left + wide / 2, HEIGHT - 6, label))
    drawn.append(svg.Line(x1=0, x2=WIDTH, y1=HEIGHT - FOOT, y2=HEIGHT - FOOT, stroke="currentColor"))
    said = f"{title}: " + ", ".join(f"{label} {number}" for label, number in rows)
    drawing = svg.SVG(
        viewBox=svg.ViewBoxSpec(0, 0, WIDTH, HEIGHT), class_=["chart"], elements=drawn,
        extra={"role": "img", "aria-label": escape(said, quote=True)},
    )  # fmt: skip
    return Markup(drawing.as_str())  # noqa: S704  # every text in it was escaped


def _text(x: float, y: float, text: str) -> svg.Text:
    # The library writes text as it is given.
    return svg.Text(x=x, y=y, text=escape(text), text_anchor="middle", font_size=14, fill="currentColor")
