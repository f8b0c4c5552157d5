"""Cross-validation and linear models fitted by a Dask cluster, through joblib.

The one place of training that knows Dask. What is fitted there is what is fitted here: joblib
sends the same calls with the same seeds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from triage.errors import InvalidInput

_ADDRESS = re.compile(r"(tcp|tls)://\S+:\d+")
_CONNECT_S = 10.0


@contextmanager
def on_cluster(scheduler: str | None) -> Iterator[None]:
    """Let joblib's calls within the block go to a cluster; None keeps them on this machine.

    Raises
    ------
    InvalidInput
        When no scheduler answers.
    """
    if scheduler is None:
        yield
        return
    import joblib
    from distributed import Client

    if not _ADDRESS.fullmatch(scheduler):
        raise InvalidInput(f"--scheduler {scheduler!r}", cure="it takes tcp://HOST:PORT")
    try:
        client = Client(scheduler, timeout=_CONNECT_S)
    except OSError as exc:
        raise InvalidInput(
            f"no Dask scheduler answers at {scheduler}",
            cure="name another, or start one with `jiesu cluster`",
        ) from exc
    with client, joblib.parallel_config(backend="dask"):
        yield
