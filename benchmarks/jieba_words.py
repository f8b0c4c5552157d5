"""Words as jieba's users cut them: for a saved model, whose process needs nothing else of ours."""

import re

import jieba

jieba.setLogLevel(60)


def words(text):
    # jieba.lcut itself holds a lock and cannot be saved with a model.
    return jieba.lcut(text)


def spaced(text):
    """Give one line with the words apart, as fastText reads it."""
    return " ".join(words(re.sub(r"\s+", " ", text).strip()))
