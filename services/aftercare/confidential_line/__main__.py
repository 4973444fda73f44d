"""Runs the line alone: `python -m services.aftercare.confidential_line`. No access log, like every service."""

from __future__ import annotations

import sys

from pydantic import ValidationError

from services.aftercare.confidential_line.app import whole
from services.aftercare.confidential_line.settings import LineSettings
from shared.web.server import serve


def main() -> None:
    """Exits with 2 and a sentence on bad settings, which are not printed."""
    try:
        line = LineSettings()
        serve(lambda settings: whole(settings, line))
    except ValidationError as error:
        for problem in error.errors():
            sys.stderr.write(f"Setting line {'.'.join(map(str, problem['loc']))}: {problem['msg']}\n")
        raise SystemExit(2) from None
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
