"""95 % intervals of shares that are counted rather than drawn again and again."""

from __future__ import annotations

from math import sqrt

_Z = 1.959963984540054


def wilson(part: float, whole: float) -> tuple[float, float]:
    """Give Wilson's interval of a share, of counts or of weights; the whole is not zero."""
    share, squared = part / whole, _Z * _Z
    middle = share + squared / (2 * whole)
    half = _Z * sqrt(share * (1 - share) / whole + squared / (4 * whole * whole))
    scale = 1 + squared / whole
    # Rounding must not put the share itself outside.
    return (
        min(share, max(0.0, (middle - half) / scale)),
        max(share, min(1.0, (middle + half) / scale)),
    )
