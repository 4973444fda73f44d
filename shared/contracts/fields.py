"""What each field of an event means: one name, one meaning, in every event. The published schemas quote it.

A field that is not in this table cannot be published, and a text without a longest length cannot either: free text must
not travel unseen.
"""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_REFERENCE = 64
"""Characters of a reference of ours. Made ones have 32 (hexadecimal)."""
LONGEST_PARTNER_REFERENCE = 128
"""Characters of a partner's reference: a sealed one of ours, in base64url. Made ones have 64."""


@dataclass(frozen=True)
class Meaning:
    """`text`: in plain English, with the unit. Of texts also the most characters and a shape; of lists the most items.

    `example`: what samples hold, made up.
    """

    text: str
    longest: int | None = None
    pattern: str | None = None
    most: int | None = None
    example: str | None = None


def _reference(text: str, number: int) -> Meaning:
    return Meaning(text, longest=LONGEST_REFERENCE, example=f"{number:032}")


def _word(text: str, example: str, most: int | None = None) -> Meaning:
    return Meaning(text, longest=40, most=most, example=example)


MEANINGS: dict[str, Meaning] = {
    "above_pkvw": Meaning("Whether it goes beyond the basic level of safe living (Politiekeurmerk Veilig Wonen)."),
    "accepted_at": Meaning("When it was accepted."),
    "account": _reference("Reference of the account.", 9),
    "actual_cents": Meaning("What it cost in the end, in whole euro cents, VAT included."),
    "addressee": Meaning("Who was advised to take the measure."),
    "advice": Meaning("What the police advise; the person chooses."),
    "advised_at": Meaning("When the advice was given."),
    "amount_cents": Meaning("Amount in whole euro cents, VAT included."),
    "announced_at": Meaning("When the person was told."),
    "answered_at": Meaning("When the answer was given."),
    "asked_at": Meaning("When it was asked."),
    "assessed_at": Meaning("When the decision was taken."),
    "attempted_at": Meaning("When the call was tried."),
    "authority": Meaning("Who decides."),
    "bucket": Meaning("How many contacts, coarsely."),
    "called_at": Meaning("When the person called."),
    "case": _reference("Reference of the case. It says nothing about the person.", 1),
    "channel": Meaning("How it came in."),
    "changed_at": Meaning("When it changed."),
    "chosen_at": Meaning("When the choice was made."),
    "closed_at": Meaning("When it ended."),
    "confirmed": Meaning("False for an oral decision that a colleague wrote down and that is not confirmed yet."),
    "confirmed_at": Meaning("When it was confirmed."),
    "consulted_at": Meaning("When the talk took place."),
    "context": _word("A subject that is counted apart; today only the reception of asylum seekers.", "asielinstroom"),
    "continuation": Meaning("Whether the safety net goes on after its year."),
    "corrected_at": Meaning("When the correction was entered."),
    "decided_at": Meaning("When it was decided."),
    "declined_at": Meaning("When it was declined."),
    "disputed_at": Meaning("When somebody disagreed."),
    "due_at": Meaning("When it is due, or was due."),
    "earlier": _reference("Reference of the earlier case.", 7),
    "eligible": Meaning("Whether the safety net may pay for this line."),
    "ends_at": Meaning("When the measures will end."),
    "entered_at": Meaning("When it was entered."),
    "escalated_at": Meaning("When the next one was rung."),
    "executor": Meaning("Who carries the measure out."),
    "filed_on": Meaning("The day on which the police took the aangifte, in the Netherlands."),
    "form": Meaning("How support is given."),
    "granted_cents": Meaning("The contribution that was granted, in whole euro cents, VAT included."),
    "holds": Meaning("Whether the relation holds from now on, or ended."),
    "impact": Meaning("How far-reaching the incident is for the person."),
    "implemented_at": Meaning("When the measure was in place."),
    "in_time": Meaning("Whether contact was made within the promised time."),
    "invoice": _reference("Reference of the bill.", 1),
    "judged_at": Meaning("When the person judged the signal."),
    "kind": Meaning("What kind of incident it is."),
    "level": Meaning("The level of the threat, set by a human."),
    "line": _reference("Reference of the cost line.", 3),
    "lines": Meaning("The lines, in no particular order.", most=300),
    "linked_at": Meaning("When the link was made."),
    "made_at": Meaning("When contact was made."),
    "measure": _reference("Reference of the measure.", 2),
    "measures_needed": Meaning("Whether measures are needed."),
    "minutes": Meaning("Minutes since the call came in."),
    "missing": _word("Names of preconditions that are not met yet.", "aangifte", most=20),
    "month": Meaning("The month that is billed, as year and month.", 7, r"^\d{4}-(0[1-9]|1[0-2])$", None, "2016-03"),
    "municipality": Meaning("CBS code of the municipality.", 4, r"^\d{4}$", None, "9901"),
    "notified_at": Meaning("When receipt was confirmed."),
    "office": Meaning("The office of the threatened person."),
    "opened_at": Meaning("When it was opened."),
    "opened_on": Meaning("The day on which it was opened, in the Netherlands."),
    "ordered_at": Meaning("When it was ordered."),
    "outcome": Meaning("What the person decided about the signal."),
    "payer": Meaning("Who pays."),
    "person": _reference(
        "Reference of the account that reported, the same for each of its reports; absent when somebody else reported.",
        6,
    ),
    "place": Meaning("Where the measure is taken."),
    "planned_at": Meaning("When it was agreed."),
    "product": Meaning("What kind of analysis came in."),
    "progress": Meaning("How far it is."),
    "qualifies": Meaning("Whether the threat qualifies for measures."),
    "question": _reference("Reference of the question.", 8),
    "reason": Meaning("Why it was set in motion, as a fixed word."),
    "recorded_at": Meaning("When it was written down."),
    "registered_on": Meaning("The day on which it was registered, in the Netherlands."),
    "reopened_at": Meaning("When it was opened again."),
    "relation": Meaning("How the account stands to the case."),
    "report_type": Meaning("How far the report has come."),
    "reported_at": Meaning("When it was reported."),
    "reporter": _reference("Reference of the account that reported for somebody else; absent when nobody did.", 10),
    "reporter_is_victim": Meaning("Whether the person reported it."),
    "request": _reference("Reference of the request.", 4),
    "requested_at": Meaning("When it was asked for."),
    "reviewed_at": Meaning("When the measures were looked at again."),
    "rule": _word("Name of the rule by which the payer was found, or how a person decided.", "K2"),
    "rule_version": _word("Version of that rule.", "2016.1"),
    "scaled_down_at": Meaning("When the measures were ended."),
    "settled_at": Meaning("When it was settled."),
    "settled_cents": Meaning("What is paid in the end, in whole euro cents, VAT included."),
    "shredded_at": Meaning("When the key was destroyed, and with it what was kept."),
    "taken_at": Meaning("When the measures were taken."),
    "target": Meaning("What is threatened."),
    "total_cents": Meaning("Sum of the lines, in whole euro cents, VAT included."),
    "triggered_at": Meaning("When care was set in motion."),
    "type": Meaning("Class of the measure, without detail."),
    "urgency": Meaning("Whether it is acute, a class of its own."),
    "week": Meaning("The week that is counted, by ISO 8601 in Amsterdam.", 8, r"^\d{4}-W\d{2}$", None, "2016-W11"),
    "withdrawn_at": Meaning("When it was withdrawn."),
}

OWN_MEANINGS: dict[tuple[str, str], Meaning] = {
    ("ConfidentialContactCounted", "case"): Meaning(
        "The week itself: it leads to no case and no contact.", longest=LONGEST_REFERENCE, example="2016-W11"
    ),
    ("EmployerInvoiced", "case"): _reference("The bill's own pseudonym: it leads to no case.", 1),
    ("MeasuresAdvised", "lines"): Meaning("The advised measures, in no particular order.", most=100),
    **{
        (event, "reason"): Meaning("Why it was destroyed, as a fixed word.")
        for event in ("CaseShredded", "MeasuresShredded", "CostsShredded")
    },
    ("CostLineReclassified", "rule"): _word("How it was decided, or the rule by which.", "K2"),
}
"""Where one event needs other words, by event and field."""


def meaning(model: str, field: str) -> Meaning:
    """What a field of an event or of one of its lines means. Raises `LookupError` with what to do."""
    try:
        return OWN_MEANINGS.get((model, field)) or MEANINGS[field]
    except KeyError:
        raise LookupError(f"{model}.{field}: say what it means in shared/contracts/fields.py") from None
