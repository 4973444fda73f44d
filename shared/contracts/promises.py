"""What we promise whoever reads our topics, and what we ask of them. The documentation quotes it, word for word."""

from __future__ import annotations

RELEASE = "1.0.0"
"""Version of the contracts as a whole (semantic versioning): a field or an event more is a minor one."""

PROMISES: tuple[tuple[str, str], ...] = (
    (
        "At least once",
        "Every event arrives at least once. After a fault it may come again, also weeks later, with the same source "
        "and id and the same data. Remember source and id of what you handled, in the same transaction as what you did "
        "with it, and skip what you know.",
    ),
    (
        "In order per case and topic",
        "Events of one case arrive in order on one topic: the record key is the subject. Between topics there is no "
        "order: an event may arrive before the one that caused it. Repeats come in order too, but may come after newer "
        "events. Do not decide by arrival; decide by the moments in data.",
    ),
    (
        "Fields you do not know",
        "Ignore them. Inside a version only optional fields are added. No field is taken away, renamed, or given "
        "another type or meaning, and none becomes required or stops being so.",
    ),
    (
        "Types you do not know",
        "Ignore them and go on. New types may appear on a topic at any time.",
    ),
    (
        "Words you do not know",
        "Some lists may grow; their words are in x-known-words. Read a new word as unknown and show it to a person. A "
        "list in enum is closed within a version.",
    ),
    (
        "A new version",
        "What does not fit these rules gets a new type that ends in .v2. Both are sent side by side for at least six "
        "months.",
    ),
    (
        "Records without a value",
        "We never send one: topics are not compacted, and nothing is deleted by a message. If you meet one, skip it.",
    ),
    (
        "What stays how long",
        "Topics keep records for 30 days. If you were away longer, read the current state over HTTP, or ask us to send "
        "again: ids stay the same.",
    ),
    (
        "Size",
        "A message is at most 65,536 bytes.",
    ),
    (
        "Times",
        "All times are in UTC and end in Z. time is when the event was recorded; when something happened is in data.",
    ),
    (
        "What is never in a message",
        "No name, address, phone number, account, story or reason, on any topic, in a body, key or header. A reference "
        "says nothing about the person.",
    ),
)
"""Holds on every topic, as title and text."""

PARTNER_PROMISES: tuple[tuple[str, str], ...] = (
    (
        "References of your own",
        "Case, measure, request, question and bill have references that only you have: no other partner has the same, "
        "so two partners cannot join their streams. The same thing always has the same reference for you, on all your "
        "topics and over HTTP. Event id, subject and record key are your own too.",
    ),
    (
        "Time to the minute",
        "On your topic time is cut to the minute, so that streams are harder to join. Moments in data are exact.",
    ),
    (
        "Only what was granted",
        "You get the fields that are listed here and no others. The table of who learns what is public.",
    ),
)
"""Holds on partners' topics."""
