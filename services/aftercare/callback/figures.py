"""How the promise was kept, per month: counts without persons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.aftercare.callback.care import Callback
from services.aftercare.callback.policy import AMSTERDAM

MONTHS = 12


@dataclass(frozen=True)
class Figure:
    """One month, in Amsterdam, by the moment of the call.

    `asked` = `kept` + `kept_entered_late` + `missed` + `running`. `kept_entered_late`: contact was made in time and
    written down after the promised moment. `without_promise`: asked over the web, not in `asked`.
    """

    month: str
    asked: int
    kept: int
    kept_entered_late: int
    missed: int
    running: int
    without_promise: int


def of_year(year: int, callbacks: Iterable[Callback], now: datetime) -> list[Figure]:
    """The twelve months of `year`, from every call back there was; the miss stays whatever followed (S-IVP-02)."""
    months: list[list[Callback]] = [[] for _ in range(MONTHS)]
    for callback in callbacks:
        called = callback.called_at.astimezone(AMSTERDAM)
        if called.year == year:
            months[called.month - 1].append(callback)
    return [_figure(f"{year}-{number:02}", month, now) for number, month in enumerate(months, 1)]


def _figure(month: str, callbacks: list[Callback], now: datetime) -> Figure:
    promised = [callback for callback in callbacks if callback.due_at is not None]
    how = [_how(callback, now) for callback in promised]
    return Figure(
        month, len(promised), how.count("kept"), how.count("kept-entered-late"), how.count("missed"),
        how.count("running"), len(callbacks) - len(promised),
    )  # fmt: skip


def _how(callback: Callback, now: datetime) -> str:
    assert callback.due_at is not None
    if callback.in_time:
        late = callback.entered_at is not None and callback.entered_at > callback.due_at
        return "kept-entered-late" if late else "kept"
    return "running" if callback.made_at is None and now <= callback.due_at else "missed"
