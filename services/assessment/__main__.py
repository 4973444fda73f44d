"""Runs this service alone: `python -m services.assessment`."""

from __future__ import annotations

from services.assessment.app import build
from shared.web.server import serve

serve(build, "/assessment")
