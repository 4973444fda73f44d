"""What the municipality and BZK see of a request."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.funding.safety_net.domain import decide
from services.funding.safety_net.queries import view
from shared.privacy.references import References
from tests.given import given
from tests.services.funding.safety_net.test_domain import CALL, DECLINE, FACTS, GRANT, LATER, REQUEST, SUPPLEMENT

REFERENCES = References(b"p" * 32)


def seen(partner, *past):
    return view(given(decide, *FACTS, *past).state, partner, REFERENCES)


@pytest.mark.parametrize(("decision", "cents"), [(GRANT, 3_000_000), (DECLINE, None)])
def test_the_municipality_reads_the_outcome_and_not_who_decided(decision, cents):
    """An account of the ministry is nothing for a municipality."""
    view_of_town = seen("municipality:9901", REQUEST, decision)
    assert view_of_town["outcome"] == {"granted_cents": cents, "reason": decision.reason, "decided_at": LATER}
    assert "bzk-3" not in str(view_of_town)


@pytest.mark.parametrize(("decision", "cents"), [(GRANT, 3_000_000), (DECLINE, None)])
def test_the_ministry_reads_who_decided(decision, cents):
    """INV-10."""
    outcome = seen("bzk", REQUEST, decision)["outcome"]
    assert outcome == {
        "granted_cents": cents, "reason": decision.reason, "decided_at": LATER, "decided_by": "bzk-3",
    }  # fmt: skip


@pytest.mark.parametrize("partner", ["municipality:9901", "bzk"])
def test_without_a_decision_there_is_no_outcome(partner):
    assert seen(partner, REQUEST)["outcome"] is None


@pytest.mark.parametrize("partner", ["municipality:9901", "bzk"])
def test_both_read_the_motivation_that_counts(partner):
    """R-VAN-08."""
    assert seen(partner, CALL)["motivation"] == ""
    assert seen(partner, REQUEST, replace(SUPPLEMENT, motivation="Anders."))["motivation"] == "Anders."
