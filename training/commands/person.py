"""Who gives a command, for the records."""

import getpass
import socket


def who() -> str:
    """The user and the machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number that has no name
        user = "somebody"
    return f"{user}@{socket.gethostname()}"
