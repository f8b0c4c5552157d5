"""How well a character n-gram classifier tells the authored corpus from real text.

    python -m benchmarks.realism --real FOLDER

0.5 means that it cannot, 1 that every row gives itself away. For each register of which real
text is at hand: 5-fold ROC-AUC of a linear classifier over character 1-3 TF-IDF, on as many real
texts as authored ones, real ones cut to the authored lengths' range.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline

from training.corpus import load_corpus
from triage.taxonomy import load_taxonomy

REGISTERS = {
    "question": "loan_questions.txt",
    "app_review": "bank_app_reviews.txt",
    "letter": "citizen_messages.txt",
    "post": "finance_posts.jsonl",
}
SEED = 20


def real_texts(path: Path) -> list[str]:
    lines = path.read_text("utf-8").splitlines()
    return [json.loads(x)["text"] for x in lines] if path.suffix == ".jsonl" else lines


def auc(own: list[str], other: list[str]) -> float:
    lengths = sorted(map(len, own))
    low, high = lengths[len(lengths) // 50], lengths[-len(lengths) // 50]
    kept = [text for text in other if low <= len(text) <= high]
    sample = random.Random(SEED).sample(kept, min(len(kept), len(own)))
    truth = np.array([1] * len(own) + [0] * len(sample))
    model = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2),
        LogisticRegression(C=10, max_iter=300),
    )
    score = cross_val_predict(model, own + sample, truth, cv=5, method="decision_function")
    return float(roc_auc_score(truth, score))


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--real", type=Path, required=True)
    folder = options.parse_args().real
    rows = load_corpus(load_taxonomy())
    for register, name in REGISTERS.items():
        own = [row.text for row in rows if row.register == register]
        print(f"{register:12s} {len(own):5d} rows  AUC {auc(own, real_texts(folder / name)):.3f}")


if __name__ == "__main__":
    main()
