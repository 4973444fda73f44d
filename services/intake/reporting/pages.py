"""The pages on which somebody reports, one thing at a time. Nothing is kept until the last button is pressed.

What was answered travels along in the form itself, so nobody needs an account, and going back loses nothing. Who is
signed in may have it kept, to go on later.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from services.intake.reporting.bodies import AangifteIntent, ReportBody
from services.intake.reporting.desk import Desk, Person, Sender
from services.intake.reporting.draft import Draft, fits
from services.intake.reporting.drafts import Drafts
from shared.access.roles import Caller, Role
from shared.access.wall import Drawn
from shared.web.forms import KEY, RELOAD, Filled, Read, once_of, read_fields
from shared.web.limits import peer, stop_if_too_often
from shared.web.pages import Site

LISTS = ("doubt_reasons",)
OTHER, SELF = "other", "self"
FIRST = "Kies wat bij u past."
SIGN_IN_FIRST = (
    "Log hiervoor eerst in, want alleen u mag dit weer zien. Open de startpagina in een nieuw tabblad en log daar in. "
    "Kom dan hier terug en druk op Verder. Melden kan ook zonder inloggen."
)
SIGN_IN_TO_SAVE = (
    "Log in om dit te bewaren: alleen u kunt het dan weer zien. Open de startpagina in een nieuw tabblad en log daar "
    "in. Kom dan hier terug en druk nog eens op Bewaar."
)
TOO_LONG = "Dit is te lang om te bewaren. Maak uw verhaal korter."
REPORTS_FOR_OTHERS = "Met dit account meldt u voor iemand anders. Kies dat hier."
ONLY_ONESELF = "Dit kan alleen de persoon zelf kiezen. U kunt wel melden."


@dataclass(frozen=True)
class Step:
    """One page. `fields`: what is asked there."""

    name: str
    title: str
    fields: tuple[str, ...]


STEPS = (
    Step("for-whom", "Voor wie meldt u?", ("for_whom", "reporter.name", "reporter.phone", "reporter.relation")),
    Step("what", "Wat is er gebeurd?", ("kind", "urgency")),
    Step("where", "Om welke functie en gemeente gaat het?", ("office", "municipality")),
    Step("story", "Vertel het in uw eigen woorden", ("narrative", "impact")),
    Step("person", "Met wie kunnen wij contact opnemen?", ("victim", "victim.name", "victim.phone", "victim.address")),
    Step("choice", "Wat wilt u nu?", ("choice", "doubt_reasons", "doubt_words")),
    Step("check", "Klopt alles?", ()),
)
CHOICES: Mapping[str, Mapping[str, Any]] = {
    "melding": {"aangifte_intent": AangifteIntent.NO},
    "aangifte": {"aangifte_intent": AangifteIntent.YES},
    "doubt": {"aangifte_intent": AangifteIntent.DOUBT},
    "signal": {"signal_only": True},
}
"""What each choice on the page is to the API."""
OWN_FIELDS = ("for_whom", "choice", "step", "go")
"""Fields of the pages, not of the API."""
KEPT = tuple(name for step in STEPS for name in step.fields)
"""What is kept of a report that is not sent yet: answers to our questions, and nothing else."""


@dataclass(frozen=True)
class Answers:
    """All that was answered so far. `errors`: per field what is wrong, of all steps."""

    read: Read[ReportBody]
    errors: Mapping[str, str]

    def upto(self, number: int) -> dict[str, str]:
        """What is wrong in this step and those before it."""
        asked = {name for step in STEPS[: number + 1] for name in step.fields}
        return {name: text for name, text in self.errors.items() if name in asked}


def answered(form: FormData, caller: Caller | None) -> Answers:
    """Reads the answers of all steps at once."""
    own = {name: str(form.get(name, "")) for name in OWN_FIELDS}
    theirs = [
        (name, value) for name, value in form.multi_items()
        if name not in OWN_FIELDS and (own["for_whom"] == OTHER or not name.startswith("reporter."))
    ]  # fmt: skip
    read = read_fields(FormData(theirs), ReportBody, lists=LISTS, also=CHOICES.get(own["choice"], {}))
    values = {**read.form.values, **{name: [value] for name, value in own.items() if value}}
    errors = dict(read.form.errors)
    if own["for_whom"] == OTHER and "reporter.name" not in read.form.values:
        errors.setdefault("reporter.name", "Vul uw eigen naam in.")
    if "victim" in errors:  # nothing of the person was filled in
        errors["victim.name"] = errors.pop("victim")
    errors |= _own_errors(own, caller)
    return Answers(Read(Filled(values, errors), read.body, read.key), errors)


def _own_errors(own: Mapping[str, str], caller: Caller | None) -> dict[str, str]:
    errors = {}
    if own["for_whom"] not in (SELF, OTHER):
        errors["for_whom"] = FIRST
    elif own["for_whom"] == SELF and caller is not None and caller.role is Role.REPORTER:
        errors["for_whom"] = REPORTS_FOR_OTHERS
    if own["choice"] not in CHOICES:
        errors["choice"] = FIRST
    elif own["choice"] in ("doubt", "signal"):
        if own["for_whom"] == OTHER:
            errors["choice"] = ONLY_ONESELF
        elif caller is None:
            errors["choice"] = SIGN_IN_FIRST
    return errors


def pages(site: Site, desk: Desk, drafts: Drafts) -> APIRouter:
    """The pages."""
    router = desk.admission.pages("intake.reporting")

    def drawn(request: Request, number: int, form: Filled, key: str, errors: Mapping[str, str]) -> Drawn:
        step = STEPS[number]
        hidden = [pair for pair in _pairs(form) if pair[0] not in step.fields and pair[0] not in ("step", "go")]
        return site.page(
            request, "reporting/report.html", form=Filled(form.values, errors), step=step, number=number, steps=STEPS,
            hidden=hidden, key=key, towns=desk.admission.organisations.towns(),
            can_save=SIGN_IN_TO_SAVE in errors.values(),
        )  # fmt: skip

    @router.get("/melden")
    async def begin(request: Request, sender: Sender) -> Response:
        until = None if sender is None else await drafts.kept_until(sender)
        return site.page(request, "reporting/begin.html", until=until)

    @router.post("/melden")
    async def go_on(request: Request, sender: Sender) -> Response:
        form = await request.form()
        given = answered(form, sender)
        number = _number(str(form.get("step", "")))
        go = str(form.get("go", "next"))
        if go == "next" and 0 <= number < len(STEPS) - 1:
            errors = given.upto(number)
            return drawn(request, number if errors else number + 1, given.read.form, given.read.key, errors)
        if go == "save":
            return await save(request, sender, max(0, number), given)
        if go != "send":
            return drawn(
                request,
                max(0, number - 1) if go == "back" else max(0, _number(go)),
                given.read.form,
                given.read.key,
                {},
            )
        first = next((at for at in range(len(STEPS)) if given.upto(at)), None)
        if first is not None or given.read.body is None:
            return drawn(request, first or 0, given.read.form, given.read.key, given.upto(first or 0) or given.errors)
        await stop_if_too_often(request, "report", peer(request))
        shown = await desk.report(given.read.body, sender, once_of(given.read, request))
        if sender is not None:
            await drafts.sent(sender, given.read.key)
        mine = given.read.form.value("for_whom") == SELF
        return site.page(request, "reporting/receipt.html", shown, choice=given.read.form.value("choice"), mine=mine)

    async def save(request: Request, sender: Caller | None, number: int, given: Answers) -> Response:
        form, key = given.read.form, given.read.key
        draft = Draft(key, STEPS[number].name, {name: form.values[name] for name in KEPT if name in form.values})
        mistake = "" if KEY.match(key) else RELOAD
        mistake = mistake or ("" if sender else SIGN_IN_TO_SAVE) or ("" if fits(draft) else TOO_LONG)
        if mistake or sender is None:
            return drawn(request, number, form, key, {"": mistake})
        await drafts.save(sender, draft)
        return site.moved(f"{site.prefix}/melden")

    _add_halfway(router, site, drafts, drawn)
    return router


def _add_halfway(
    router: APIRouter,
    site: Site,
    drafts: Drafts,
    drawn: Callable[[Request, int, Filled, str, Mapping[str, str]], Drawn],
) -> None:
    @router.get("/melden/verder")
    async def go_on_with(request: Request, caller: Person) -> Response:
        draft = await drafts.load(caller)
        if draft is None:
            return site.moved(f"{site.prefix}/melden")
        return drawn(request, max(0, _number(draft.step)), Filled(draft.values), draft.key, {})

    @router.post("/melden/weg")
    async def throw_away(request: Request, caller: Person) -> Response:
        await drafts.throw_away(caller)
        return site.moved(f"{site.prefix}/melden")


def _number(name: str) -> int:
    """The place of a step; -1 before the first one."""
    return next((at for at, step in enumerate(STEPS) if step.name == name), -1)


def _pairs(form: Filled) -> Sequence[tuple[str, str]]:
    return [(name, value) for name, values in form.values.items() for value in values]
