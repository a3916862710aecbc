"""`python healthy.py URL [WORDS]`: ends with 0 if the page answers 200, and has the words.

What a container's health check runs, in images that have no curl. It shows the token that the
container's own pages ask for.
"""

import os
import sys
import urllib.request
from http.client import HTTPException
from pathlib import Path


def main(url: str, words: str = "") -> int:
    """0 or 1."""
    try:
        request = urllib.request.Request(url, headers=authorization())  # noqa: S310  the compose file's
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=4) as answer:
            return int(answer.status != 200 or words not in answer.read().decode())
    except (OSError, HTTPException, ValueError):
        return 1


def authorization() -> dict[str, str]:
    """The header, from where the stage has the token; none where there is no token."""
    file = os.environ.get("INTENT_LISTEN_TOKEN_FILE")
    token = Path(file).read_text().rstrip("\r\n") if file else os.environ.get("INTENT_LISTEN_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
