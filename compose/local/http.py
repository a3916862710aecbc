"""Asks a stage something over HTTP; a stage that is not there yet is no fault."""

import http.client


def get(host: str, port: int, path: str, timeout: float = 2, token: str = "") -> bytes | None:
    """The body of a 200 answer, None for whatever else happens within `timeout` seconds."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return None
    else:
        return body if answer.status == http.HTTPStatus.OK else None
    finally:
        connection.close()
