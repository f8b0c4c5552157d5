"""What texts may hold, at one look."""

from __future__ import annotations

import numpy as np

from triage.kernels.tables import CODE_BITS, jit, look_up


@jit
def screen(points, begins, lengths, numbers, said, table, pair_bits, out):
    """Collect the bits of every telling character and pair of characters, by document.

    ASCII capitals are read, and left, as small letters. `numbers` of characters are places
    of `said`: twice its bits, and one more if it begins a telling pair; place 0 says nothing. What
    lies beyond the table says what the character 0 does.
    """
    slots, shift = table
    for at in range(len(points)):
        if 65 <= points[at] <= 90:
            points[at] += 32
    for doc in range(len(begins)):
        bits = np.int64(0)
        end = begins[doc] + lengths[doc]
        for at in range(begins[doc], end):
            point = points[at]
            number = numbers[point] if point < len(numbers) else numbers[0]
            if number == 0:
                continue
            bits |= said[number] >> 1
            if said[number] & 1 and at + 1 < end:
                key = (np.int64(point) << CODE_BITS) | np.int64(points[at + 1])
                found = look_up(key, slots, shift)
                if found >= 0:
                    bits |= pair_bits[found]
        out[doc] = bits
