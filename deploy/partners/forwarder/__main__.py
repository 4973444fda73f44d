"""Runs the forwarder: `python -m deploy.partners.forwarder`."""

from __future__ import annotations

import sys

from pydantic import ValidationError

from deploy.partners.forwarder.app import serve
from deploy.partners.forwarder.settings import ForwarderSettings


def main() -> int:
    """0 ended in order, 2 bad settings with a sentence that does not repeat them, 3 it could not start."""
    try:
        return 0 if serve(ForwarderSettings()) else 3
    except ValidationError as error:
        for problem in error.errors():
            sys.stderr.write(f"Setting {'.'.join(map(str, problem['loc']))}: {problem['msg']}\n")
    except ValueError as error:  # no text of ours holds a value
        sys.stderr.write(f"{error}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
