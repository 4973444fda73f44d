"""Runs this service alone: `python -m services.intake`."""

from __future__ import annotations

from services.intake.app import build
from shared.web.server import serve

serve(build)
