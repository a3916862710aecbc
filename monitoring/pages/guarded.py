"""The pages for those who may read them."""

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from contract.guard import Guard


class Guarded:
    """An application that answers only those whom the guard admits."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the server's own start and stop."""
        answer = self._app
        if scope["type"] != "lifespan":
            headers = Headers(scope=scope)
            denial = self._guard.denial(
                scope["path"], headers.get("authorization"), headers.get("host")
            )
            if denial is not None:
                answer = Response(denial.body, denial.status, denial.headers)
        await answer(scope, receive, send)
