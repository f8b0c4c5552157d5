"""What models do not tell apart in code points: digits, line breaks, the tokens of masking."""

from __future__ import annotations

from triage.kernels.tables import jit

_OPEN, _CLOSE = 91, 93
_MOST_LABEL, _LEAST_LABEL, _MOST_DIGITS = 4, 2, 3
# 已删除: the token without a number.
_DELETED = (0x5DF2, 0x5220, 0x9664)


@jit
def fold_digits(points):
    """Make every ASCII digit a zero and every line break a space."""
    for i in range(len(points)):
        if 49 <= points[i] <= 57:
            points[i] = 48
        elif points[i] == 10:
            points[i] = 32


@jit
def blank_tokens(points):
    """Make every character of a token of masking a zero: no gram has one."""
    for start in range(len(points)):
        if points[start] == _OPEN:
            end = token_end(points, start)
            if end > 0:
                points[start:end] = 0


@jit
def token_end(points, start):
    """Where the token ends that begins here; 0 where none does. See `features.TOKEN`."""
    last = len(points) - 1
    at = start + 1
    while at <= last and at - start <= _MOST_LABEL and is_label(points[at]):
        at += 1
    label, digits = at - start - 1, 0
    while at <= last and digits < _MOST_DIGITS and 48 <= points[at] <= 57:
        at += 1
        digits += 1
    if label < _LEAST_LABEL or at > last or points[at] != _CLOSE:
        return 0
    return at + 1 if digits or is_deleted(points, start + 1, label) else 0


@jit
def is_label(point):
    """Whether a character may stand in a label: Chinese, or of IP and QQ."""
    return 0x4E00 <= point <= 0x9FFF or point in (73, 80, 81)


@jit
def is_deleted(points, start, size):
    """Whether the label is that of what was dropped."""
    if size != len(_DELETED):
        return False
    for i in range(size):
        if points[start + i] != _DELETED[i]:
            return False
    return True
