"""Reading ahead of what will be wanted from memory.

The tables of a model are larger than what a processor keeps near. Whoever asks for one place
after the other waits for each; whoever names all places first waits once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

_FOR_READING, _TO_BE_KEPT, _OF_DATA = 0, 3, 1


def _fetch(_: Any, array: types.Array, index: types.Integer) -> Any:  # noqa: ARG001
    """Begin to read a place of an array of one dimension, and go on without waiting."""

    tools: Any = cgutils

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = signature.args[0]
        own = context.make_array(kind)(context, builder, arguments[0])
        place = tools.get_item_pointer(context, builder, kind, own, [arguments[1]])
        number, byte = ir.IntType(32), ir.IntType(8).as_pointer()
        asked = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = tools.get_or_insert_function(builder.module, asked, "llvm.prefetch.p0i8")
        how = [ir.Constant(number, n) for n in (_FOR_READING, _TO_BE_KEPT, _OF_DATA)]
        builder.call(function, [builder.bitcast(place, byte), *how])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


fetch: Callable[..., Any] = intrinsic(_fetch)
