"""`python healthy.py URL [WORDS]`: ends with 0 if the page answers 200, and has the words.

What a container's health check runs, in images that have no curl.
"""

import sys
import urllib.request


def main(url: str, words: str = "") -> int:
    """0 or 1."""
    try:
        with urllib.request.urlopen(url, timeout=4) as answer:  # noqa: S310  the compose file's
            return int(answer.status != 200 or words not in answer.read().decode())
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
