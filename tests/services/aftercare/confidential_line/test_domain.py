"""What a contact may become, and that nothing happens in it that the caller did not want."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from datetime import date, timedelta

import pytest

from services.aftercare.confidential_line.commands import (
    Advise,
    Answer,
    AskAnother,
    CloseContact,
    ForgetContact,
    HandOver,
    LeaveMessage,
    OpenContact,
    ProposePeer,
    ProposeTransfer,
    RecordCall,
    RequestCallback,
    TakeContact,
    TellAbout,
)
from services.aftercare.confidential_line.contact import (
    About,
    Chosen,
    Contact,
    ContactState,
    Message,
    Peer,
    Side,
    Step,
    Voice,
    Window,
)
from services.aftercare.confidential_line.domain import EXPIRED, MOST_MESSAGES, deadlines, decide
from services.aftercare.confidential_line.policy import hours_on
from shared.contracts.decisions import DeadlinePassed, Refused
from tests.given import given, utc

SATURDAY = "2016-03-19"
AT = utc(SATURDAY, "11:00")
TOMORROW, TERM, LONGER = date(2016, 3, 20), date(2016, 6, 19), date(2016, 6, 26)
MINE, OTHER = "confidant-1", "confidant-2"
PEER = Peer("Een wethouder", "9902", "Partij B")
NEAR = Peer("Een raadslid", "9901", "Partij C")

OPEN = OpenContact(AT, TOMORROW)
BY_PHONE = OpenContact(AT, TOMORROW, MINE)
HELLO = LeaveMessage(AT, TERM, Side.CALLER, "Er belt elke nacht iemand.")
TAKE = TakeContact(AT, TERM, MINE)
REPLY = LeaveMessage(AT, LONGER, Side.CONFIDANT, "Wat vervelend. Sinds wanneer?", MINE)
ABOUT = TellAbout(AT, TERM, About("Een naam", "9901", "Partij A"))
WINDOW = Window("0600000000", utc(SATURDAY, "13:00"), utc(SATURDAY, "14:00"))
RING = RequestCallback(AT, TERM, WINDOW, hours_on(date(2016, 3, 19)))
RANG = RecordCall(AT, TERM, MINE)
ADVICE = Advise(AT, TERM, MINE, "Schrijf de tijden op.")
OFFER_PEER = ProposePeer(AT, TERM, MINE, PEER)
OFFER_OTHER = ProposeTransfer(AT, TERM, MINE, OTHER)
YES = Answer(AT, TERM, True, elsewhere=True)
NO = Answer(AT, TERM, False)
YES_BY_PHONE = Answer(AT, TERM, True, True, Voice.PHONE, MINE)
ANOTHER = AskAnother(AT, TERM)
TAKE_ALONG = HandOver(AT, TERM, True, (Chosen.NAME, Chosen.WORDS), (1,))
CLOSE = CloseContact(AT, TERM)
CLOSE_BY_CONFIDANT = CloseContact(AT, TERM, MINE)
FORGET = ForgetContact(AT, TERM)
TALKING = (OPEN, HELLO, TAKE)


def expired(ends_on: date) -> DeadlinePassed:
    """The clock after the last day."""
    due = deadlines(Contact(ends_on))[0]
    return DeadlinePassed(due.name, due.at, due.at)


def test_a_contact_is_opened_without_a_single_word_about_the_caller():
    """S-VTL-04, R-VTL-05."""
    state = given(decide).when(OPEN).leaves(state=ContactState.OPENED, used=False, waits=False).state
    assert state == Contact(TOMORROW)
    assert state.about == About()


def test_no_field_of_a_contact_is_needed_but_its_end():
    """S-VTL-04: what is not there cannot be asked for."""
    needed = {one.name for one in fields(Contact) if one.default is MISSING and one.default_factory is MISSING}
    assert needed == {"ends_on"}
    assert not {"case", "address", "ip", "agent", "cookie", "relation", "region"} & {
        one.name for kind in (Contact, About, Message, Window) for one in fields(kind)
    }


def test_a_first_message_makes_it_wait_and_last_for_its_term():
    """Q-10."""
    given(decide, OPEN).when(HELLO).leaves(waits=True, used=True, ends_on=TERM, state=ContactState.OPENED)


def test_telling_a_name_before_saying_anything_does_not_keep_it_longer():
    given(decide, OPEN).when(ABOUT).leaves(ends_on=TOMORROW, used=False, waits=False)


def test_each_act_moves_the_end_and_none_moves_it_back():
    given(decide, *TALKING).when(REPLY).leaves(ends_on=LONGER)
    given(decide, *TALKING, REPLY).when(HELLO).leaves(ends_on=LONGER)


def test_what_was_told_can_be_taken_back():
    given(decide, OPEN, HELLO, ABOUT).when(TellAbout(AT, TERM, About())).leaves(about=About())


def test_the_confidant_who_takes_it_talks():
    given(decide, OPEN, HELLO).when(TAKE).leaves(confidant=MINE, state=ContactState.TALKING, waits=False)
    given(decide, OPEN).when(TAKE).refused("wacht niet")
    given(decide, *TALKING).when(replace(TAKE, by=OTHER)).refused("wacht niet")
    given(decide, *TALKING).when(TAKE).then_nothing()


def test_a_caller_on_the_telephone_has_a_confidant_from_the_start():
    given(decide, BY_PHONE).when(REPLY).leaves(state=ContactState.TALKING, used=True, waits=False)


CONFIDANTS = [REPLY, RANG, ADVICE, OFFER_PEER, OFFER_OTHER, YES_BY_PHONE, CLOSE_BY_CONFIDANT]


@pytest.mark.parametrize("command", CONFIDANTS, ids=lambda one: type(one).__name__)
def test_only_the_confidant_in_charge_acts(command):
    past = (*TALKING, RING, OFFER_PEER)
    given(decide, *past).when(replace(command, by=OTHER)).refused("niet (meer)")
    given(decide, *TALKING, RING, ANOTHER).when(command).refused("niet (meer)")


def test_a_call_back_is_within_the_hours_of_one_day():
    """R-VTL-03."""
    opened = given(decide, OPEN)
    opened.when(RING).leaves(window=WINDOW, waits=True)
    for begins, ends in (("08:00", "09:30"), ("15:30", "16:30"), ("14:00", "13:00"), ("13:00", "13:00")):
        window = Window("06", utc(SATURDAY, begins), utc(SATURDAY, ends))
        opened.when(replace(RING, window=window)).refused("tussen 10.00 en 17.00 uur")
    past = Window("06", utc(SATURDAY, "09:30"), utc(SATURDAY, "11:00"))
    opened.when(replace(RING, window=past)).refused("al voorbij")
    later = timedelta(days=15)
    far = Window("06", WINDOW.begins + later, WINDOW.ends + later)
    opened.when(replace(RING, window=far)).refused("twee weken")


def test_the_number_is_forgotten_once_the_call_was_made():
    after = given(decide, OPEN, RING, TAKE).when(RANG).leaves(window=None, state=ContactState.TALKING).state
    assert WINDOW.phone not in str(after)
    given(decide, *TALKING).when(RANG).refused("niet gevraagd")


def test_advice_is_a_message_and_a_state():
    """R-VTL-02."""
    after = given(decide, *TALKING).when(ADVICE).leaves(state=ContactState.ADVISED).state
    assert after.messages[-1] == Message(Side.CONFIDANT, "Schrijf de tijden op.", AT)


def test_the_network_comes_in_only_with_a_yes():
    """R-VTL-06."""
    proposed = given(decide, *TALKING).when(OFFER_PEER).leaves(peers=(), state=ContactState.TALKING).state
    assert proposed.proposal.step is Step.NETWORK
    given(decide, *TALKING, OFFER_PEER).when(NO).leaves(peers=(), proposal=None, state=ContactState.TALKING)
    after = given(decide, *TALKING, OFFER_PEER).when(YES).leaves(peers=(PEER,), state=ContactState.NETWORK).state
    assert [(one.step, one.agreed, one.voice) for one in after.consents] == [(Step.NETWORK, True, Voice.CODE)]
    given(decide, *TALKING).when(YES).refused("niets voorgesteld")


def test_a_peer_from_the_same_municipality_or_council_group_is_not_proposed():
    """S-VTL-12."""
    told = (*TALKING, ABOUT)
    given(decide, *told).when(replace(OFFER_PEER, peer=NEAR)).refused("gemeente of de fractie")
    same_group = Peer("Een raadslid", "9902", "partij a")
    given(decide, *told).when(replace(OFFER_PEER, peer=same_group)).refused("gemeente of de fractie")
    given(decide, *told).when(OFFER_PEER).leaves(peers=())
    wished = TellAbout(AT, TERM, replace(ABOUT.about, near_is_fine=True))
    given(decide, *TALKING, wished, replace(OFFER_PEER, peer=NEAR)).when(replace(YES, elsewhere=False)).leaves(
        peers=(NEAR,)
    )


def test_who_stays_anonymous_says_that_the_peer_is_from_elsewhere():
    """S-VTL-12 without R-VTL-05 broken: nobody has to tell the own municipality."""
    given(decide, *TALKING, OFFER_PEER).when(replace(YES, elsewhere=False)).refused("Lees eerst waar")
    given(decide, *TALKING, OFFER_PEER).when(YES).leaves(peers=(PEER,))
    given(decide, *TALKING, ABOUT, OFFER_PEER).when(replace(YES, elsewhere=False)).leaves(peers=(PEER,))


def test_a_municipality_that_is_told_after_the_proposal_counts_too():
    given(decide, *TALKING, replace(OFFER_PEER, peer=NEAR), ABOUT).when(YES).refused("uw gemeente of fractie")


def test_another_confidant_only_with_a_yes():
    """§3.8a."""
    given(decide, *TALKING).when(OFFER_OTHER).leaves(confidant=MINE)
    given(decide, *TALKING, OFFER_OTHER).when(NO).leaves(confidant=MINE, proposal=None)
    given(decide, *TALKING, OFFER_OTHER).when(YES).leaves(confidant=OTHER)
    given(decide, *TALKING, OFFER_OTHER, YES).when(REPLY).refused("niet (meer)")
    given(decide, *TALKING).when(replace(OFFER_OTHER, to=MINE)).refused("andere vertrouwenspersoon")
    given(decide, *TALKING, OFFER_OTHER).when(OFFER_PEER).refused("nog niet geantwoord")
    given(decide, *TALKING, OFFER_OTHER).when(OFFER_OTHER).then_nothing()


def test_a_yes_on_the_telephone_is_noted_as_that():
    after = given(decide, *TALKING, OFFER_OTHER).when(YES_BY_PHONE).leaves(confidant=OTHER).state
    assert after.consents[-1].voice is Voice.PHONE


def test_the_caller_may_want_another_confidant_and_the_first_does_not_get_it_back():
    given(decide, *TALKING).when(ANOTHER).leaves(confidant="", waits=True, state=ContactState.TALKING)
    given(decide, *TALKING, ANOTHER).when(TAKE).refused("wacht niet op u")
    given(decide, *TALKING, ANOTHER).when(replace(TAKE, by=OTHER)).leaves(confidant=OTHER)
    given(decide, OPEN, HELLO).when(ANOTHER).refused("nog geen")
    again = (*TALKING, ANOTHER, replace(TAKE, by=OTHER))
    given(decide, *again).when(ProposeTransfer(AT, TERM, OTHER, MINE)).refused("andere vertrouwenspersoon")


def test_a_report_is_taken_along_only_with_consent_and_only_what_was_chosen():
    """R-VTL-10, INV-8."""
    given(decide, *TALKING).when(replace(TAKE_ALONG, consent=False)).refused("Zonder uw toestemming")
    given(decide, OPEN, HELLO).when(TAKE_ALONG).refused("Praat eerst")
    given(decide, *TALKING).when(replace(TAKE_ALONG, chosen=())).refused("Kies wat u wilt")
    given(decide, *TALKING).when(replace(TAKE_ALONG, words=())).refused("welke berichten")
    given(decide, *TALKING).when(replace(TAKE_ALONG, chosen=(Chosen.NAME,))).refused("welke berichten")
    given(decide, *TALKING, REPLY).when(replace(TAKE_ALONG, words=(1, 2))).refused("zelf hebt geschreven")
    given(decide, *TALKING).when(replace(TAKE_ALONG, words=(7,))).refused("zelf hebt geschreven")
    after = given(decide, *TALKING).when(TAKE_ALONG).leaves(state=ContactState.HANDED_OVER).state
    assert (after.consents[-1].chosen, after.consents[-1].words) == (TAKE_ALONG.chosen, (1,))
    given(decide, *TALKING, TAKE_ALONG).when(TAKE_ALONG).refused("al meegekregen")


def test_after_it_was_closed_only_forgetting_is_left():
    for close in (CLOSE, CLOSE_BY_CONFIDANT):
        given(decide, *TALKING, RING).when(close).leaves(state=ContactState.CLOSED, window=None, waits=False)
        for command in (HELLO, REPLY, RING, ABOUT, TAKE, TAKE_ALONG, CLOSE):
            given(decide, *TALKING, close).when(command).refused("afgesloten")
        given(decide, *TALKING, close).when(FORGET).leaves(destroyed=True)


@pytest.mark.parametrize("past", [(OPEN,), TALKING, (*TALKING, ABOUT, RING, REPLY, ADVICE, CLOSE)], ids=len)
def test_after_its_last_day_nothing_is_left(past):
    """Q-10."""
    ends_on = given(decide, *past).state.ends_on
    after = given(decide, *past).when(expired(ends_on)).leaves(state=ContactState.DESTROYED).state
    assert after == Contact(ends_on, destroyed=True)
    assert deadlines(after) == ()
    given(decide, *past, expired(ends_on)).when(HELLO).refused("niet bekend")
    given(decide, *past, expired(ends_on)).when(FORGET).refused("niet bekend")
    given(decide, *past, expired(ends_on)).when(expired(ends_on)).then_nothing()


def test_a_deadline_that_moved_does_not_destroy():
    given(decide, *TALKING, REPLY).when(expired(TERM)).then_nothing()


def test_the_caller_may_have_it_forgotten_at_once():
    given(decide, *TALKING, ABOUT).when(FORGET).leaves(destroyed=True, messages=(), about=About(), confidant="")


def test_its_last_day_ends_at_midnight_in_amsterdam():
    (due,) = deadlines(Contact(date(2016, 6, 19)))
    assert (due.name, due.at) == (EXPIRED, utc("2016-06-19", "22:00"))


@pytest.mark.parametrize(
    "command", [HELLO, TAKE, ABOUT, FORGET, CLOSE, expired(TERM)], ids=lambda one: type(one).__name__
)
def test_an_unknown_contact_is_not_made_by_anything_but_opening_one(command):
    given(decide).when(command).refused("niet bekend")


def test_a_contact_is_opened_once():
    given(decide, OPEN).when(OPEN).refused("er al")


def test_a_contact_does_not_grow_without_end():
    state = replace(given(decide, *TALKING).state, messages=(Message(Side.CALLER, "a", AT),) * MOST_MESSAGES)
    with pytest.raises(Refused, match="te lang"):
        decide(state, HELLO)
