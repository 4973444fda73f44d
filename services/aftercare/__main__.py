"""Runs this service alone: `python -m services.aftercare`."""

from __future__ import annotations

from services.aftercare.app import build
from shared.web.server import serve

serve(build, "/aftercare")
