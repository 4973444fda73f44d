"""What happens only with the caller's yes: a peer of the network, another confidant, taking a report along."""

from __future__ import annotations

from dataclasses import replace

from services.aftercare.confidential_line.commands import Answer, HandOver, ProposePeer, ProposeTransfer
from services.aftercare.confidential_line.contact import (
    Chosen,
    Consent,
    Contact,
    ContactState,
    Peer,
    Proposal,
    Side,
    Step,
    Voice,
)
from shared.contracts.decisions import Refused

FIRST_ANSWER = "De beller heeft nog niet geantwoord op het vorige voorstel."
SAY_ELSEWHERE = (
    "Lees eerst waar deze persoon vandaan komt. Zegt u daarna dat het niet uw eigen gemeente of fractie is, dan kunnen "
    "wij verder. Vindt u dat juist geen probleem? Geef dat dan aan."
)


def propose_peer(state: Contact, command: ProposePeer) -> Contact:
    """By default nobody from the same municipality or council group (S-VTL-12)."""
    if is_near(state, command.peer) and not state.about.near_is_fine:
        raise Refused("Deze vakgenoot komt uit de gemeente of de fractie van de beller. Kies iemand anders.")
    return _proposed(state, Proposal(Step.NETWORK, peer=command.peer))


def propose_transfer(state: Contact, command: ProposeTransfer) -> Contact:
    """To another confidant; nothing changes until the caller agrees (§3.8a)."""
    if command.to == state.confidant or command.to in state.without:
        raise Refused("Kies een andere vertrouwenspersoon.")
    return _proposed(state, Proposal(Step.TRANSFER, to=command.to))


def _proposed(state: Contact, proposal: Proposal) -> Contact:
    if state.proposal == proposal:
        return state
    if state.proposal is not None:
        raise Refused(FIRST_ANSWER)
    return replace(state, proposal=proposal)


def is_near(state: Contact, peer: Peer) -> bool:
    """Whether a peer is from the caller's municipality or council group, as far as the caller told."""
    about = state.about
    same_group = bool(about.group) and about.group.casefold() == peer.group.casefold()
    return same_group or (bool(about.municipality) and about.municipality == peer.municipality)


def answer(state: Contact, command: Answer) -> Contact:
    """The caller's answer to the proposal. After a no everything stays as it was."""
    proposal = state.proposal
    if proposal is None:
        raise Refused("Er is nu niets voorgesteld.")
    consent = Consent(proposal.step, command.agreed, command.voice, command.at)
    noted = replace(state, proposal=None, consents=(*state.consents, consent))
    if not command.agreed:
        return noted
    if proposal.step is Step.TRANSFER:
        return replace(noted, confidant=proposal.to)
    assert proposal.peer is not None
    if _must_say_elsewhere(state) and not command.elsewhere:
        raise Refused(SAY_ELSEWHERE)
    if is_near(state, proposal.peer) and not state.about.near_is_fine:  # told since it was proposed
        raise Refused(
            "Deze persoon komt uit uw gemeente of fractie. Kies iemand anders, of geef aan dat u dat goedvindt."
        )
    return replace(noted, peers=(*state.peers, proposal.peer), outcome=ContactState.NETWORK)


def _must_say_elsewhere(state: Contact) -> bool:
    about = state.about
    return not about.near_is_fine and not (about.municipality and about.group)


def hand_over(state: Contact, command: HandOver) -> Contact:
    """The caller takes the chosen fields along, to report with or without them. Nothing is sent, nothing links back."""
    if not command.consent:
        raise Refused("Zonder uw toestemming gaat er niets mee. U kunt ook zelf melden, zonder dit gesprek te noemen.")
    if state.state is ContactState.OPENED:
        raise Refused("Praat eerst met een vertrouwenspersoon. Zelf melden kan altijd, ook zonder dit gesprek.")
    if state.outcome is ContactState.HANDED_OVER:
        raise Refused("U hebt deze gegevens al meegekregen. Uw berichten staan hier nog; u kunt ze overnemen.")
    if not command.chosen or (Chosen.WORDS in command.chosen) != bool(command.words):
        raise Refused("Kies wat u wilt meenemen. Bij uw eigen woorden hoort welke berichten.")
    own = {number for number, one in enumerate(state.messages, 1) if one.side is Side.CALLER}
    if not own.issuperset(command.words):
        raise Refused("Kies alleen berichten die u zelf hebt geschreven.")
    consent = Consent(Step.HANDOVER, True, Voice.CODE, command.at, command.chosen, command.words)
    return replace(state, consents=(*state.consents, consent), outcome=ContactState.HANDED_OVER)
