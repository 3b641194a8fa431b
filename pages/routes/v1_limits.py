"""How many pictures a token may ask about, and when it was last used.

Kept in memory: after a restart everybody begins with a full minute.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages.routes.answers import Refused

if TYPE_CHECKING:
    from storage.api_access import ApiAccess, Token


@dataclass(slots=True)
class Allowance:
    """What a token has left, filled up evenly to a minute's worth."""

    left: float
    counted_at: float
    used_at: float = 0.0

    def fill(self, per_minute: int, now: float) -> None:
        """Add what came since it was last counted."""
        gained = (now - self.counted_at) * per_minute / 60
        self.left = min(float(per_minute), self.left + gained)
        self.counted_at = now


allowances: dict[str, Allowance] = {}


def spend(access: ApiAccess, token: Token, pictures: int) -> None:
    """Count pictures against a token's limit; Refused (429) says when to come again.

    More than is left is let through once, and must then be waited for: else a batch
    larger than a minute's worth could never be asked about.
    """
    now = time.monotonic()
    own = allowances.setdefault(token.token_id, Allowance(access.per_minute, now))
    own.fill(access.per_minute, now)
    if own.left < 1:
        wait_s = math.ceil((1 - own.left) * 60 / access.per_minute)
        raise Refused(
            429,
            f"This token may ask about {access.per_minute:,} pictures a minute. Come "
            f"again in {wait_s} s.",
            "too_many_requests",
            {"Retry-After": str(wait_s)},
        )
    own.left -= pictures
    own.used_at = time.time()


def last_used(token_id: str) -> float | None:
    """Return when a token was last used (Unix time), None if not since the start."""
    own = allowances.get(token_id)
    return own.used_at if own and own.used_at else None
