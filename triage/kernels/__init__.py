"""Loops that numba compiles at their first use.

The compiled code is kept on disk beside the files (or in numba's own folder where they cannot be
written), so later processes load it. Kernels take and fill arrays; they hold the interpreter's
lock. Sums run in the order of the text: no answer depends on the documents around it.
"""
