"""Accuracy of lines under published mixes of lines, with and without the correction for them.

    python -m benchmarks.prior_shift [--tickets 2000] [--draws 20]

Rows of the corpus, as models say of them that had not seen them, are drawn again in the mix of a
published table. Shares are estimated from one half of the groups, without labels; accuracy is
counted on tickets of the other half. What a table calls card, loan or debit is spread over leaves
as in the corpus, and what it does not name over the leaves that are left.
"""

import argparse
from dataclasses import replace

import numpy as np

from benchmarks.unseen_rows import half_of, judged_corpus
from training.labels.calibrate import Known, calibrate
from triage.shift import reweighed

CARD = ("card_repayment", "card_service", "fee_dispute")
CARD_DEBT = ("loan_collection.credit_card",)
LOAN = ("loan_service", "fraud.loan_fraud")
LOAN_DEBT = ("loan_collection.personal_loan",)
DEBIT = (
    *("deposit_payment", "account_control"),
    *("fraud.unauthorized_transaction", "fraud.scam_transfer"),
)
DEBT = (*CARD_DEBT, *LOAN_DEBT, "loan_collection.unspecified")
WEALTH, PERSONAL, CREDIT = ("wealth_agency",), ("privacy_marketing",), ("credit_report",)
# The regulator's tables count collection under the product; the banks' own count it apart.
MIXES = {
    "regulator 2020Q3": {CARD + CARD_DEBT: 0.569, LOAN + LOAN_DEBT: 0.238, WEALTH: 0.051},
    "regulator 2021Q4": {CARD + CARD_DEBT: 0.496, LOAN + LOAN_DEBT: 0.321, WEALTH: 0.042},
    "regulator 2022Q4": {CARD + CARD_DEBT: 0.431, LOAN + LOAN_DEBT: 0.410, WEALTH: 0.064},
    "state banks 2022Q4": {CARD + CARD_DEBT: 0.336, LOAN + LOAN_DEBT: 0.446, WEALTH: 0.068},
    "Bank of China 2025": {
        DEBIT: 0.389,
        CARD: 0.291,
        LOAN: 0.143,
        DEBT: 0.031,
        PERSONAL: 0.008,
        WEALTH: 0.0134,
    },
    # Cards 87.14 % with the collection of their debts, 53.49 % of all.
    "Industrial Bank 2023H1": {
        CARD: 0.3365,
        CARD_DEBT: 0.5349,
        DEBIT: 0.0575,
        LOAN: 0.0414,
        WEALTH: 0.0124,
    },
    "joint-stock bank, no source": {
        DEBIT: 0.309,
        CARD: 0.0605,
        CARD_DEBT: 0.2705,
        CREDIT: 0.048,
        LOAN: 0.02,
        WEALTH: 0.011,
    },
}


def leaf_shares(mix, leaves, usual):
    """Spread the shares of a table over leaves as they lie in the corpus."""
    shares = np.zeros(len(leaves))
    groups = dict(mix)
    named = {leaf for group in groups for leaf in group}
    groups[tuple(leaf for leaf in leaves if leaf not in named)] = 1.0 - sum(mix.values())
    for group, share in groups.items():
        inside = [leaves.index(leaf) for leaf in group]
        shares[inside] = share * usual[inside] / usual[inside].sum()
    return shares


def part(known, chosen):
    """Known rows of one half: the cuts of prediction sets are of no use here."""
    lines = tuple(np.array(known.lines)[chosen])
    return replace(known, probabilities=known.probabilities[chosen], lines=lines)


def one_draw(judged, known, shares, tickets, seed):
    """Accuracy without, with, and with the true shares, on one draw."""
    decider = judged.decider
    half = half_of(judged.rows, seed)
    rng = np.random.default_rng(seed)
    column = np.array([decider.leaves.index(row.leaf) for row in judged.rows])
    weights = (shares / known.shares)[column]

    def drawn(inside):
        chances = weights * inside
        return rng.choice(len(column), tickets, p=chances / chances.sum())

    here, there = known.probabilities[drawn(half)], drawn(~half)
    done = calibrate(part(known, half), here, decider, version="bench")
    before = known.probabilities[there]
    truth = np.array([decider.lines.index(known.lines[row]) for row in there])
    best = reweighed(before, known.biases * shares / known.shares)
    return [
        float((decider.line_probabilities(said).argmax(axis=1) == truth).mean())
        for said in (before, done.shift.apply(before), best)
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tickets", type=int, default=2_000, help="unlabelled and judged ones")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--home", help="where opinions are kept; default JIESU_HOME")
    arguments = parser.parse_args()
    judged = judged_corpus(arguments.home)
    decider = judged.decider
    known = Known.of(judged.opinions, decider)
    column = np.array([decider.leaves.index(row.leaf) for row in judged.rows])
    usual = np.bincount(column, minlength=len(decider.leaves)) / len(column)
    print(f"{'mix':<30}{'without':>9}{'with':>9}{'gain':>8}{'true shares':>13}")
    gains = []
    for name, mix in MIXES.items():
        shares = leaf_shares(mix, list(decider.leaves), usual)
        found = np.array(
            [
                one_draw(judged, known, shares, arguments.tickets, seed)
                for seed in range(arguments.draws)
            ]
        )
        without, given, best = found.mean(axis=0)
        gains.append(found[:, 1] - found[:, 0])
        print(f"{name:<30}{without:>9.3f}{given:>9.3f}{given - without:>+8.3f}{best:>13.3f}")
    means = np.array(gains).mean(axis=0)
    low, high = np.quantile(means, (0.025, 0.975))
    print(
        f"mean gain over {len(MIXES)} mixes {means.mean():+.4f} (draws {low:+.4f} to {high:+.4f})"
    )


if __name__ == "__main__":
    main()
