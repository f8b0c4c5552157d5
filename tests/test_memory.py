"""Room for tables."""

import pickle

import numpy as np
import pytest

from triage.memory import filled


@pytest.mark.parametrize("rows", [1, 3, 1 << 18])
def test_a_table_is_filled_writable_and_begins_a_cache_line(rows: int) -> None:
    table = filled((rows, 2), -1, np.int64)
    assert table.shape == (rows, 2)
    assert table.dtype == np.int64
    assert (table == -1).all()
    assert table.ctypes.data % 64 == 0
    table[:] = 7
    assert (pickle.loads(pickle.dumps(table)) == 7).all()


def test_tables_do_not_share_room() -> None:
    one, other = (filled((1 << 19,), 0, np.int64) for _ in range(2))
    one[:] = 1
    assert not other.any()
