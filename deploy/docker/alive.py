"""Asks the process in this container whether it is there: the health check of the image. Status 0: yes."""

from __future__ import annotations

import http.client
import os
import sys

SECONDS = 3


def alive(port: int) -> bool:
    """Whether `/health/live` answers 200 on this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)  # not urllib: it would ask a proxy
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if alive(int(os.environ.get("VEILIG_PORT", "8080"))) else 1)
