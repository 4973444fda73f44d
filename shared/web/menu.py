"""What stands in the menu of each role: the address and title of its own pages, over all services.

The one table that knows addresses of pages of several services; each service owns what is behind its own.
"""

from __future__ import annotations

from shared.access.roles import Role
from shared.web.pages import Menu

START = "/intake/"
BILLS = ("/aftercare/rekeningen", "Rekeningen")
REPORT = ("/intake/melden", "Melden")
DOSSIER = ("/intake/dossier", "Mijn dossier")
TRUSTED_WITH = ("/intake/dossier", "Meekijken")

MENU = Menu(
    home=START,
    own={
        Role.OFFICE_HOLDER: (DOSSIER, REPORT),
        Role.FAMILY: (DOSSIER, REPORT),
        Role.REPORTER: (REPORT, TRUSTED_WITH),
        Role.POLICE: (("/intake/werk", "Meldingen"), ("/intake/cijfers", "Cijfers")),
        Role.RCCB: (("/assessment/wegen", "Wegen"), ("/assessment/maatregelen", "Maatregelen")),
        Role.HOVJ: (("/assessment/beslissen", "Beslissen"), ("/assessment/maatregelen", "Maatregelen")),
        Role.MUNICIPALITY: (
            ("/assessment/adviezen", "Adviezen"), ("/funding/kosten", "Kosten"), ("/funding/vangnet", "Vangnet"),
            ("/funding/vragen", "Vragen aan BZK"), BILLS, ("/funding/cijfers", "Cijfers"),
        ),
        Role.CONTROLLER: (BILLS, ("/funding/cijfers", "Cijfers")),
        Role.BZK: (
            ("/funding/vangnet", "Aanvragen"), ("/funding/vragen", "Vragen"), ("/funding/vangnet/eerder", "Eerder"),
            ("/funding/vangnet/cijfers", "Cijfers"),
        ),
        Role.DPO: (("/intake/toezicht", "Toezicht op melden"), ("/assessment/toezicht", "Toezicht op wegen")),
        Role.IVP: (("/aftercare/terugbellen", "Terugbellen"), ("/aftercare/cijfers", "Cijfers")),
        Role.IVP_BILLING: (BILLS,),
    },
)  # fmt: skip
"""A role that is not here has no pages of its own; the confidants' pages are the line's, with a menu of its own."""
