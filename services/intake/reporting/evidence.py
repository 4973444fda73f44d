"""What a file of evidence may be, judged by what is in it: a name or a header can say anything."""

from __future__ import annotations

import filetype  # type: ignore[import-untyped]

from services.intake.reporting.incident import Evidence
from services.intake.reporting.policy import Uploads
from services.intake.reporting.report import Report
from shared.access.roles import Role

STORED, SHOWN = "file stored", "file shown"
"""Words of the custody lines that are added by storing and showing a file."""

PLAIN_TEXT = "text/plain"
LOOKED_AT = 4_096
"""Bytes at the start in which a browser would find a page."""

ACTIVE = (b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<iframe", b"<svg", b"<?xml", b"<?php", b"#!/")
"""What makes a file a page or a program for some reader, whatever else it is."""


def kind_of(content: bytes, uploads: Uploads) -> str | None:
    """The extension of a file that we take, such as `jpg`; None for anything else."""
    start = content[:LOOKED_AT].lower()
    if any(mark in start for mark in ACTIVE):
        return None
    found = filetype.guess_mime(content)
    kind = found if found is not None else (PLAIN_TEXT if _is_text(content) else "")
    return uploads.types.get(kind)


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return bool(text.strip()) and all(sign.isprintable() or sign in "\t\r\n\f" for sign in text)


def evidence_for(report: Report, role: Role, sha256: str) -> Evidence | None:
    """The piece of evidence with this hash, if this role sees it. Who reported for another sees own evidence only."""
    found = next((one for one in report.evidence if one.sha256 == sha256), None)
    if found is not None and role is Role.REPORTER and found.custody[0].by != report.sent_by:
        return None
    return found


def is_stored(evidence: Evidence) -> bool:
    """Whether the custody lines say that the file is here."""
    return any(line.words == STORED for line in evidence.custody)
