"""The pages for those who may read them."""

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from contract.guard import CHALLENGE, REFUSAL, Guard


class Guarded:
    """An application that answers only those whom the guard admits."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the server's own start and stop."""
        answer = self._app
        if scope["type"] != "lifespan":
            authorization = Headers(scope=scope).get("authorization")
            if not self._guard.admits(scope["path"], authorization):
                answer = Response(REFUSAL, 401, {"WWW-Authenticate": CHALLENGE})
        await answer(scope, receive, send)
