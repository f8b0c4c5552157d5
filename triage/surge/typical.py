"""The most central ticket of a story, proposed to a person as the typical one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from triage.surge.tickets import SurgeTicket

# Beyond so many the centre moves no more.
_MOST = 400


def most_central(tickets: Sequence[SurgeTicket]) -> str | None:
    """Give the ticket whose phrases are nearest to what all say together.

    A ticket is the set of its phrases; near is the cosine with the sum of all. Rare phrases tell
    nothing of the others, so nothing weighs them up.

    Parameters
    ----------
    tickets : sequence of SurgeTicket
        Those without phrases are passed over.
    """
    told = [ticket for ticket in tickets if ticket.phrases][-_MOST:]
    often = Counter(phrase for ticket in told for phrase in ticket.phrases)
    scores = {
        ticket.id: sum(often[p] - 1 for p in ticket.phrases) / math.sqrt(len(ticket.phrases))
        for ticket in told
    }
    return min(scores, key=lambda ident: (-scores[ident], ident), default=None)
