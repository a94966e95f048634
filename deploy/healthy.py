"""A container's health check: ``python -m deploy.healthy [URL]`` ends well when the face there is ready.

Imports next to nothing: a machine with twenty containers runs it once or twice a second.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit

WITHIN_S = 4.0


def is_healthy(url: str) -> bool:
    """Whether a GET is answered with 200 in time."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=WITHIN_S)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    own = f"http://127.0.0.1:{os.environ.get('RELATA_METRICS_PORT', '9000')}/ready"
    sys.exit(0 if is_healthy(sys.argv[1] if len(sys.argv) > 1 else own) else 1)
