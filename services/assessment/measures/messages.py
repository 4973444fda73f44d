"""What the person reads about the measures: Dutch, short, kind. No reason, no threat, no blame."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from services.assessment.measures.record import Measure, Measures, MeasureState
from shared.contracts.vocabulary import Addressee

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOT_FOLLOWED_UP = "Advies niet opgevolgd"
NO_MEASURES = (
    "Er zijn nu geen maatregelen geadviseerd. Hieronder staat wat u zelf kunt doen. Gebeurt er weer iets, of voelt u "
    "zich niet veilig? Meld het opnieuw. Direct gevaar? Bel 112."
)
ENDED = "De maatregelen zijn gestopt. Voelt u zich niet veilig? Bel de politie. Praten kan: opvang blijft open voor u."
RUNNING = "Hieronder staan de maatregelen. Verandert er iets, of voelt u zich niet veilig? Bel de politie. Gevaar: 112."
SILENT = "De gemeente heeft nog niet op tijd geantwoord op een advies. De politie weet dat en neemt contact op."
DECLINED = "De gemeente voert een advies niet uit. De politie weet dat en bespreekt het met de gemeente en met u."
TIPS = "Dit is advies. U beslist zelf wat bij uw situatie past."
STATES = {
    MeasureState.ADVISED: "geadviseerd",
    MeasureState.ACCEPTED: "wordt uitgevoerd",
    MeasureState.DECLINED: "wordt niet uitgevoerd",
    MeasureState.IMPLEMENTED: "uitgevoerd",
    MeasureState.SCALED_DOWN: "gestopt",
}


def message(measures: Measures) -> str:
    """The one sentence that says how it stands."""
    if measures.running:
        return RUNNING
    return ENDED if measures.ended else NO_MEASURES


def alerts(measures: Measures) -> list[str]:
    """What the person must know now: advice not followed up (S-SBB-07), an end that was announced (S-SBB-14)."""
    town = [one for one in measures.lines if one.addressee is Addressee.MUNICIPALITY]
    found = [SILENT] if any(one in measures.unanswered for one in town) else []
    found += [DECLINED] if any(one.state is MeasureState.DECLINED for one in town) else []
    running = set(measures.running_ids)
    ends = sorted(
        {one.ends_at for one in measures.announcements if one.withdrawn_at is None and running & set(one.measures)}
    )
    return found + [f"{_day(end)} stoppen maatregelen. Daarna bieden we u weer opvang aan." for end in ends[-1:]]


def _day(moment: datetime) -> str:
    local = moment.astimezone(AMSTERDAM)
    return f"Op {local.day}-{local.month}-{local.year}"


def follow_up(line: Measure) -> str | None:
    """How police and OM see that advice is not followed up."""
    if line.not_followed_up_at is None:
        return None
    if line.addressee is Addressee.PERSON:
        return f"{NOT_FOLLOWED_UP}: de persoon kiest hier anders, en mag dat."
    return f"{NOT_FOLLOWED_UP}: de gemeente {'zei nee' if line.state is MeasureState.DECLINED else 'antwoordde niet'}."
