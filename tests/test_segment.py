"""Words: what segmentation really does, and that jieba does the same."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.config import data_dir
from triage.errors import ConfigError
from triage.normalize import normalize
from triage.segment import TERM_FREQUENCY, Segmenter, load_terms

Cut = Callable[[str], list[str]]
TERMS = data_dir() / "terms"
GOLDEN = Path(__file__).parent / "data" / "segment_golden.jsonl"
_EVERY = 5

_MIXED = (
    "信用卡逾期了花呗还不上😡👨\u200d👩\ud800\U00020000\U0002a6d6龘㐀鿿〇a1b2.-_%+#& \r\n\t\u3000"
)
_HOSTILE = st.one_of(
    st.text(st.characters(codec=None, exclude_categories=())),
    st.text(_MIXED),
    st.text("0123456789", min_size=50, max_size=400),
)


@pytest.fixture(scope="module")
def terms() -> tuple[str, ...]:
    return load_terms(TERMS)


@pytest.fixture(scope="module")
def own(terms: tuple[str, ...]) -> Segmenter:
    return Segmenter(terms=terms)


@pytest.fixture(scope="module")
def plain(terms: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Cut:
    """jieba itself with the same words."""
    engine = jieba.Tokenizer()
    engine.tmp_dir = str(tmp_path_factory.mktemp("jieba"))
    engine.initialize()
    # jieba counts one word of its file twice, and one added again; ties hang on the total.
    engine.total = sum(engine.FREQ.values())
    base = [(line, list(engine.cut(line.partition("\t")[0], HMM=False))) for line in terms]
    for line, words in base:
        term, _, frequency = line.partition("\t")
        if frequency or words != [term]:
            engine.add_word(term, int(frequency or TERM_FREQUENCY))
    engine.total = sum(engine.FREQ.values())
    return lambda text: list(engine.cut(text, HMM=False))


def _golden() -> list[dict[str, object]]:
    return [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]


def test_golden_words_come_out_as_recorded(own: Segmenter) -> None:
    for row in _golden():
        assert own.cut(normalize(str(row["text"])).text) == row["words"]


def test_jieba_agrees_on_golden_sentences(own: Segmenter, plain: Cut) -> None:
    for row in _golden():
        text = normalize(str(row["text"])).text
        assert own.cut(text) == plain(text)


def test_jieba_agrees_on_the_corpus(own: Segmenter, plain: Cut) -> None:
    for path in sorted((data_dir() / "corpus").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines()[::_EVERY]:
            text = normalize(json.loads(line)["text"]).text
            assert own.cut(text) == plain(text)


@settings(max_examples=200, deadline=None)
@given(_HOSTILE)
def test_hostile_text_is_cut_alike_and_joins_back(own: Segmenter, plain: Cut, text: str) -> None:
    words = own.cut(text)
    assert "".join(words) == text
    assert words == plain(text)


def test_ties_are_broken_alike(own: Segmenter, plain: Cut) -> None:
    for char in "太修啊最大等卡谢天人慢看说想试走好多":
        for times in (3, 5, 9, 33):
            assert own.cut(char * times) == plain(char * times)


def test_terms_are_many_and_in_normal_form(terms: tuple[str, ...]) -> None:
    words = [line.partition("\t")[0] for line in terms]
    assert len(words) == len(set(words)) >= 1_600
    assert [word for word in words if normalize(word).text != word] == []


def test_each_term_comes_out_whole(own: Segmenter, terms: tuple[str, ...]) -> None:
    for line in terms:
        term = line.partition("\t")[0]
        assert any(term in word for word in own.cut(term)), term


def test_a_segmenter_travels_to_another_process(own: Segmenter) -> None:
    copy = pickle.loads(pickle.dumps(own))
    assert copy.terms == own.terms
    assert copy.cut("信用卡爆通讯录") == own.cut("信用卡爆通讯录")


@pytest.mark.parametrize("text", ["甲乙\n甲乙\n", "甲 乙\n", "甲乙\tviel\n"])
def test_a_bad_term_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"a\.txt line"):
        load_terms(tmp_path)


def test_comments_and_frequencies(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("# about\n甲乙丙\t5000\n丁戊己\n", encoding="utf-8")
    found = load_terms(tmp_path)
    assert found == ("甲乙丙\t5000", "丁戊己")
    assert Segmenter(terms=found).cut("甲乙丙丁戊己") == ["甲乙丙", "丁戊己"]
