"""The review of measures and their end: announced to the person beforehand, and only by a human, with a reason."""

from __future__ import annotations

from dataclasses import replace

from services.assessment.measures.commands import AnnounceScaleDown, ReviewMeasures, ScaleDown
from services.assessment.measures.record import Announcement, Ended, Measure, Measures, MeasureState, announced, seen
from shared.contracts.assessment import MeasuresReviewed, MeasuresScaledDown, ScaleDownAnnounced
from shared.contracts.decisions import Decision, Refused, check_reason
from shared.contracts.vocabulary import Addressee


def review(state: Measures, command: ReviewMeasures) -> Decision[Measures]:
    """The measures stay: an announced end is taken back."""
    _check_running(state)
    kept = tuple(one if one.withdrawn_at else replace(one, withdrawn_at=command.at) for one in state.announcements)
    after = replace(
        state, announcements=kept, next_review=command.at + command.review_after, review_every=command.review_after,
        links=seen(state.links), reminded_of=None, review_due_since=None,
    )  # fmt: skip
    return Decision(after, (MeasuresReviewed(case=state.case, reviewed_at=command.at),))


def announce(state: Measures, command: AnnounceScaleDown) -> Decision[Measures]:
    """S-SBB-14: the person hears it in advance. A later announcement takes the place of an earlier one."""
    chosen = _chosen(state, command.measures)
    if command.ends_at < command.at + command.notice:
        days = f"{command.notice.days} dagen" if command.notice.days != 1 else "een dag"
        raise Refused(f"Vertel het de persoon ten minste {days} van tevoren.")
    told = Announcement(chosen, command.at, command.ends_at)
    event = ScaleDownAnnounced(case=state.case, announced_at=command.at, ends_at=command.ends_at)
    return Decision(replace(state, announcements=(*state.announcements, told)), (event,))


def scale_down(state: Measures, command: ScaleDown) -> Decision[Measures]:
    """S-SBB-14. The event makes aftercare offer care again; the municipality hears it with the last of its measures."""
    check_reason(command.reason)
    chosen = _chosen(state, command.measures)
    told = [announced(state, measure) for measure in chosen]
    if not all(told):
        raise Refused("Kondig het einde eerst aan, zodat de persoon het van tevoren weet.")
    if any(one.ends_at > command.at for one in told if one):
        raise Refused("De maatregelen lopen nog tot de dag die u de persoon noemde.")
    lines = tuple(
        replace(one, state=MeasureState.SCALED_DOWN) if one.running and one.id in chosen else one for one in state.lines
    )
    taken = tuple(replace(one, ended_at=command.at) if one.running and one.id in chosen else one for one in state.taken)
    ended = (*state.ended, Ended(command.at, command.reason, chosen))
    after = replace(state, lines=lines, taken=taken, ended=ended)
    if not after.running:
        after = replace(after, next_review=None, reminded_of=None, review_due_since=None)
    town = state.municipality if _ended_for_town(lines, chosen) else None
    return Decision(after, (MeasuresScaledDown(case=state.case, scaled_down_at=command.at, municipality=town),))


def _ended_for_town(lines: tuple[Measure, ...], chosen: tuple[str, ...]) -> bool:
    """Whether the last measure of the municipality ended now. What the State took, or the person, says nothing here."""
    ours = [one for one in lines if one.addressee is Addressee.MUNICIPALITY]
    return any(one.id in chosen for one in ours) and not any(one.running for one in ours)


def _check_running(state: Measures) -> None:
    if not state.running:
        raise Refused("Er lopen geen maatregelen.")


def _chosen(state: Measures, measures: tuple[str, ...]) -> tuple[str, ...]:
    _check_running(state)
    if not set(measures) <= set(state.running_ids):
        raise Refused("Een van deze maatregelen loopt niet.")
    return tuple(one for one in state.running_ids if not measures or one in measures)
