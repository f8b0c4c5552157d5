"""Why a line was chosen: exact contributions of the linear model, as readable phrases.

A feature's contribution to a leaf's score is shared equally among its occurrences and, within
an occurrence, among its characters, so the character weights of a document plus the bias sum
to the leaf's score. Neighbouring words that push the same way make a phrase. Numerals with their
measure (八千六百元), short verbs with 了 and 不 with its verb are one word here, and a lone
character that pushes takes its neighbour along (退 手续费).
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from triage.classifier import Basis
from triage.features import Coded, Floats, Ints
from triage.kernels import explain as kernels

# Beyond the second plane all that people write is Chinese.
_PLANES = 0x20000
# A digit is folded to 0.
_KINDS = {
    kernels.NUMERAL: "0〇零一二三四五六七八九十百千万亿两几半第每",
    kernels.MORE: "多余来个.,点",
    kernels.UNIT: "元块钱角毛分厘圆美刀镑次回遍趟年月天日号周岁秒点时笔条期件封通户位名家张倍成折级"
    "页份台套段批组场个%‰",
    kernels.SLIGHT: "的地得了着过就也都又还再很太更最没不未别被把给让叫使对向往从在到跟和与及或而但"
    "却则且因为所以如果要会能可之其此这那哪我你他她它您咱谁啥么吗呢吧啊呀嘛哦啦哈只才刚已正将便连"
    "看说来去上下里外中前后时有是个想于由以并按各另请等们什多少",
    kernels.MATTER: "卡贷锁骗钱债账税息",
    kernels.NOT: "不没未别",
    kernels.ASPECT: "了着过不到起上下掉完清回来去开通出动",
}


class Phrase(NamedTuple):
    """A range of the normalised text and its contribution to the score (log odds).

    The weight is the sum of the exact contributions of all characters in the range, of those too
    that the phrase grew by; it is what the score would lose without them.
    """

    start: int
    end: int
    weight: float


def character_weights(basis: Basis, *, columns: Ints, scale: float) -> Floats:
    """Share each document's contributions to one score among its characters.

    Parameters
    ----------
    basis : Basis
        Of n documents.
    columns : array of int64, length n
        The column of the weights to explain, one a document.
    scale : float
        Divides the scores: the head's temperature.

    Returns
    -------
    array of float64, as long as `basis.coded.points`
        Those of document i sum to (score - bias) / scale.
    """
    coded = basis.coded
    steps = np.zeros(len(coded.points))
    for trace in basis.traces:
        kernels.push_characters(
            *trace.found.arrays, trace.shares, trace.rows, columns, scale, steps
        )
    kernels.sum_documents(coded.begins, coded.lengths, steps)
    return steps


def phrases(weights: Floats, coded: Coded, *, most: int, least_share: float) -> list[list[Phrase]]:
    """Merge character weights into the phrases that pushed hardest.

    Parameters
    ----------
    weights : array of float64
        From `character_weights`.
    coded : Coded
        Of n documents: a phrase never cuts a word or a numeral in two, is never
        punctuation alone, and a slight character (就, 还) only where nothing else pushed.
    most : int
        Phrases to give for each document.
    least_share : float
        A phrase must carry this share of all that pushed; where none does the strongest are told.

    Returns
    -------
    list of lists of Phrase, length n
        Strongest first.
    """
    count = len(coded.begins)
    bounds = np.zeros(count + 1, dtype=np.int64)
    starts, ends = (np.empty(count * most, dtype=np.int64) for _ in range(2))
    strengths = np.empty(count * most)
    words = coded.sizes, coded.word_bounds
    room = len(coded.sizes)
    scratch = np.empty(room, dtype=np.int64), np.empty(room), np.empty(room, dtype=np.bool_)
    out = bounds, starts, ends, strengths, scratch
    kernels.find_phrases(
        coded.points, coded.begins, words, _kinds(), weights, least_share, most, out
    )
    edges = bounds.tolist()
    said = list(map(Phrase, *(c[: edges[-1]].tolist() for c in (starts, ends, strengths))))
    return [said[low:high] for low, high in pairwise(edges)]


@cache
def _kinds() -> NDArray[np.uint8]:
    """Say of each code point what it is to a phrase."""
    points = np.arange(_PLANES, dtype=np.uint32)
    kinds = np.strings.isalnum(points.view("U1")).astype(np.uint8) * np.uint8(kernels.READABLE)
    for kind, members in _KINDS.items():
        kinds[[ord(member) for member in members]] |= kind
    return kinds
