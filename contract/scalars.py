"""Types that several events share. Times are milliseconds since the Unix epoch, UTC."""

from typing import Annotated, Final

from msgspec import Meta

EventId = Annotated[str, Meta(min_length=1, max_length=200)]
MAX_MILLISECONDS: Final = 253_402_300_799_999
"""End of the year 9999, the last one that date libraries can format."""

Milliseconds = Annotated[
    int, Meta(ge=0, le=MAX_MILLISECONDS, description="Milliseconds since the Unix epoch, UTC.")
]
Probability = Annotated[float, Meta(ge=0, le=1)]
