"""`python -m benchmarks.arithmetic`: what measured costs mean for more rows, cores and machines.

Nothing is measured here: rows times the cost of one, shared by cores, and what that asks of a disk
and of a scheduler. The costs given are those of `python -m benchmarks.scale` (milliseconds of
processor time a row, and of the start of a worker) and of `python -m benchmarks.stages` (bytes of
an answer, and how fast one process puts finished parts together).
"""

import argparse

CORES = 16
NIGHTS = (1_000, 10_000, 100_000, 1_000_000, 2_000_000, 10_000_000)
MACHINES = (1, 10, 100)
_PART = 4 << 20
_MEGA, _GIGA = 1e6, 1e9


def span(seconds):
    """Give a time as people say it."""
    if seconds < 90:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def few(number):
    """Give a number without digits that say nothing."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def size(amount):
    """Give bytes as people say them."""
    return f"{amount / _GIGA:.1f} GB" if amount >= _GIGA else f"{amount / _MEGA:.1f} MB"


def nights(given):
    """Rows of the table of nights: time on two cores, processor time, bytes of the output."""
    yield ["rows", "two free cores", "processor time", "output"]
    for rows in NIGHTS:
        work = rows * given.ms / 1e3
        # Each of two workers starts; the starts run side by side, as the work does.
        clock = (given.start + work) / 2 + rows * given.written / (given.gather * _MEGA)
        yield [f"{rows:,}", span(clock), span(given.start + work), size(rows * given.written)]


def clusters(given):
    """Rows of the table of clusters."""
    yield ["", "1 core", *(f"{n} x {CORES} cores" for n in MACHINES)]
    cores = [1, *(n * CORES for n in MACHINES)]
    rates = [n / given.ms * 1e3 for n in cores]
    many = NIGHTS[-1]
    yield ["rows a second, if cores were all", *(f"{rate:,.0f}" for rate in rates)]
    yield [f"{many:,} rows scored", *(span(many / rate) for rate in rates)]
    gathered = many * given.written / (given.gather * _MEGA)
    yield ["and put together by one process", *(span(many / rate + gathered) for rate in rates)]
    bound = [min(rate, given.disk * _MEGA / given.written) for rate in rates]
    yield [f"scored, disk of {given.disk:,} MB/s", *(span(many / rate) for rate in bound)]
    yield ["written a second", *(size(rate * given.written) for rate in rates)]
    yield ["parts a second", *(few(rate * given.read / _PART) for rate in rates)]


def show(rows):
    for number, row in enumerate(rows):
        print("| " + " | ".join(row) + " |")
        if not number:
            print("|---" * len(row) + "|")


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.arithmetic", description=__doc__)
    parser.add_argument("--ms", type=float, default=0.365, help="of processor a row (0.365)")
    parser.add_argument("--start", type=float, default=9.4, help="seconds of two workers (9.4)")
    parser.add_argument("--written", type=int, default=3_490, help="bytes of an answer (3,490)")
    parser.add_argument("--read", type=int, default=370, help="bytes of a row (370)")
    parser.add_argument("--gather", type=int, default=840, help="MB/s of putting together (840)")
    parser.add_argument("--disk", type=int, default=1_000, help="MB/s of a shared disk (1,000)")
    given = parser.parse_args()
    show(nights(given))
    print()
    show(clusters(given))


if __name__ == "__main__":
    main()
