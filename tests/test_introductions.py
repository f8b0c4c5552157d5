from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from training.corpus import LabelledRow
from training.estimators import CharGramAnalyzer, word_grams
from training.introductions import Copies, Introductions, introduced
from training.lines import unseen_margins
from training.train import load_recipe
from triage.features import BLANK, TOKEN, code_points, fold, without_tokens
from triage.masking.rules import LABELS
from triage.reading import TextReader

READ = TextReader()
TEXTS = [f"信用卡年费第{n}次没人退。" for n in range(20)]
DOCUMENTS = READ.many(TEXTS)


def test_every_token_of_masking_is_a_token_of_models() -> None:
    tokens = [f"[{label}{n}]" for label in LABELS.values() for n in (1, 23, 456)]
    for token in [*tokens, "[已删除]"]:
        assert TOKEN.fullmatch(token)
        assert fold(f"年{token}费") == f"年{BLANK * len(token)}费"


def test_both_readings_blank_the_same_characters() -> None:
    rng = random.Random(7)
    pieces = ["[", "]", "姓名", "已删除", "QQ", "IP", "1", "23", "4567", "卡", "\n", " ", "[姓名1]"]
    for _ in range(2000):
        text = "".join(rng.choices(pieces, k=8))
        blank = without_tokens(code_points([text])).codes[:-1] == 0
        assert blank.tolist() == [char == BLANK for char in fold(text)], text


def test_who_writes_is_no_feature() -> None:
    one, other = READ.many(
        ["我叫王小芳，卡号6222020200112233445，退年费", "我叫[姓名9]，卡号[卡号2]，退年费"]
    )
    for grams in (CharGramAnalyzer(2), word_grams):
        assert grams(one) == grams(other)
        assert not any("姓名" in gram or "]" in gram for gram in grams(one))


def test_a_token_of_a_card_number_is_no_concept() -> None:
    one, other = READ.many(["[卡号1]退年费", "卡号退年费"])
    assert set(other.concepts.tolist()) - set(one.concepts.tolist())


def test_copies_open_or_close_what_was_told() -> None:
    copies = introduced(DOCUMENTS, READ, share=0.5, seed=3)
    assert len(copies.of) == len(set(copies.of)) == 10
    for of, document in zip(copies.of, copies.documents, strict=True):
        told = TEXTS[of].rstrip("。")
        assert told in document.masked
        assert TOKEN.search(document.masked)
    again = introduced(DOCUMENTS, READ, share=0.5, seed=3)
    assert [d.masked for d in again.documents] == [d.masked for d in copies.documents]
    assert introduced(DOCUMENTS, READ, share=0.0, seed=3) == Copies()


def test_introductions_keep_what_masking_wrote() -> None:
    forms = Introductions.load()
    for form in (*forms.openings, *forms.closings):
        assert TOKEN.search(form)
        assert READ(form).masked == form


def test_copies_are_in_the_fold_of_their_row_and_not_judged() -> None:
    # Each text of its own characters: nothing is learned but by having seen the text itself.
    texts = ["".join(chr(0x4E00 + 40 * n + i) for i in range(40)) for n in range(40)]
    rows = [
        LabelledRow(str(n), text, ("other", "credit_report")[n % 2], group=f"g{n}")
        for n, text in enumerate(texts)
    ]
    documents, labels = READ.many(texts), [row.leaf for row in rows]
    recipe = replace(load_recipe(), folds=5, views={"char": {"longest": 1}})
    copies = Copies(list(range(40)), documents)
    [margins] = unseen_margins(rows, documents, [labels], recipe, (), copies=copies)
    assert margins.shape == (40, 2)
    assert np.mean(margins.argmax(axis=1) == [label == "other" for label in labels]) < 0.8
    seen = [replace(row, group="") for row in rows]
    [straddling] = unseen_margins(
        [*rows, *(replace(row, id=f"{row.id}+", group=f"h{row.id}") for row in seen)],
        [*documents, *documents],
        [labels * 2],
        recipe,
        (),
    )
    assert np.mean(straddling.argmax(axis=1) == [label == "other" for label in labels * 2]) > 0.8
