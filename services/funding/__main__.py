"""Runs this service alone: `python -m services.funding`."""

from __future__ import annotations

from services.funding.app import build
from shared.web.server import serve

serve(build, "/funding")
