"""After contact: the care worker, support, and what the caller who is not the victim may be told.

Nothing here stops a clock, and nothing says what was talked about (R-IVP-09).
"""

from __future__ import annotations

from dataclasses import replace

from services.aftercare.callback.care import Care, Support, Told, Worker
from services.aftercare.callback.commands import AssignCareWorker, PlanSupport, RecordObjection, ReportProgress
from shared.contracts.aftercare import ProgressReported, SupportPlanned
from shared.contracts.decisions import Decision, Refused
from shared.contracts.vocabulary import CareProgress

UNKNOWN = "Deze zaak is nog niet bekend bij de nazorg."


def assign(state: Care | None, command: AssignCareWorker) -> Decision[Care]:
    """A care worker takes the client (R-ACT-14). Only contact stops the clock."""
    if state is None or not state.ivp_knows:
        raise Refused("Deze persoon heeft nog niet om hulp gevraagd.")
    if state.closed_at is not None:
        raise Refused("Deze nazorg is afgesloten.")
    last = state.workers[-1] if state.workers else None
    if last is not None and (last.big, last.account) == (command.big, command.account):
        return Decision(state)
    return Decision(replace(state, workers=(*state.workers, Worker(command.big, command.account, command.at))))


def plan(state: Care | None, command: PlanSupport) -> Decision[Care]:
    """Support in consultation with the victim, so not before they spoke (R-IVP-06)."""
    if state is None or state.callback is None or state.callback.victim_spoken_at is None:
        raise Refused("Spreek eerst met de persoon zelf. Hulp gaat altijd in overleg.")
    if state.closed_at is not None:
        raise Refused("Deze nazorg is afgesloten.")
    supports = (*state.callback.supports, Support(command.form, command.at))
    after = replace(state, callback=replace(state.callback, supports=supports))
    return Decision(after, (SupportPlanned(case=state.case, form=command.form, planned_at=command.at),))


def record_objection(state: Care | None, command: RecordObjection) -> Decision[Care]:
    """The victim's no wins, at once and for what was told before too (S-IVP-07, Q-7)."""
    if state is None:
        raise Refused(UNKNOWN)
    return Decision(state if state.objected_at is not None else replace(state, objected_at=command.at))


def report_progress(state: Care | None, command: ReportProgress) -> Decision[Care]:
    """To the caller only, after the victim was spoken to and did not object (R-IVP-08, S-IVP-05, S-IVP-07)."""
    if state is None:
        raise Refused(UNKNOWN)
    if state.caller is None:
        raise Refused("Er belde niemand anders voor deze persoon. Er is dus niemand om het aan te vertellen.")
    if state.callback is None or state.callback.victim_spoken_at is None:
        raise Refused("Spreek eerst met de persoon zelf, en vraag of dit mag.")
    if state.objected_at is not None:
        raise Refused("De persoon wil niet dat de beller iets hoort.")
    if not _is_so(state, command.progress):
        raise Refused("Dat is nu niet hoe het ervoor staat.")
    if state.told and state.told[-1].progress is command.progress:
        return Decision(state)
    after = replace(state, told=(*state.told, Told(command.progress, command.at)))
    return Decision(after, (ProgressReported(case=state.case, progress=command.progress, reported_at=command.at),))


def _is_so(state: Care, progress: CareProgress) -> bool:
    assert state.callback is not None
    match progress:
        case CareProgress.CONTACT_MADE:
            return state.closed_at is None
        case CareProgress.SUPPORT_RUNNING:
            return bool(state.callback.supports) and state.closed_at is None
        case CareProgress.ENDED:
            return state.closed_at is not None
