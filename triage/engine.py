"""The one object both programs call: narratives in, assessments out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from triage.artifact import Opened, load
from triage.assembly import build_classifier
from triage.batches import batches
from triage.calibrated import with_sets
from triage.classifier import LineScores
from triage.decision import Decision, LineDecider, Ranking, Thresholds, may_hold_kana
from triage.evidence import evidence, in_submitted, placed
from triage.features import Floats
from triage.kernel_loading import load_lightly
from triage.linguistic import Reader
from triage.modes import flagged, load_modes
from triage.policy import Bands
from triage.reading import Document, TextReader
from triage.records import Assessment, Context, Escalation, Mention, Reason, Signal
from triage.risk.features import default_registry, risk_matrix
from triage.risk.model import RiskModel
from triage.ruled import rulings
from triage.rules.rulebook import Rulebook
from triage.rules.ruling import Ruling
from triage.shift import Shift, shift_of
from triage.taxonomy import LIFE_TIER, Taxonomy, load_taxonomy

_LIFE = "涉及人身安全，按规则列最高档"
_WARMING = (
    "我叫张三，住和平路5号，手机13800001234，卡号6222020200112233，合同号HT20240001，密码123456"
)


@dataclass(frozen=True, slots=True)
class Pass:
    """A batch after reading and scoring: enough for assessments and for evaluation."""

    documents: list[Document]
    scores: LineScores
    mentions: list[tuple[Mention, ...]]


class Engine:
    """Assesses narratives with one model.

    Parameters
    ----------
    opened : Opened
        A verified model folder.
    taxonomy : Taxonomy
        The one it was verified against.
    """

    def __init__(self, opened: Opened, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self.read = TextReader()
        self.classifier = build_classifier(opened, self.read)
        self.natures: tuple[str, ...] = tuple(opened.model["natures"])
        cuts, modes = Thresholds(**opened.model["thresholds"]), load_modes(taxonomy)
        self.decider = LineDecider(opened.model["leaves"], cuts, modes)
        self.version = str(opened.manifest["version"])
        self.manifest = opened.manifest
        self._life_codes = {s.code for s in taxonomy.signals if s.tier == LIFE_TIER}
        self._model, self._folder, self._features = opened.model, opened.path, default_registry()

    @classmethod
    def load(cls, path: Path, taxonomy: Taxonomy | None = None) -> Engine:
        """Verify and open `models/<version>/`; raises what `triage.artifact.load` does."""
        load_lightly()
        labels = taxonomy or load_taxonomy()
        return cls(load(path, labels), labels)

    @cached_property
    def shift(self) -> Shift | None:
        """The bank's own mix of lines, where `jiesu calibrate` has found it."""
        return shift_of(self._folder, self.decider.leaves, self.version)

    @cached_property
    def reader(self) -> Reader:
        """The linguistic reader; spaCy is imported when it is first used."""
        return Reader()

    @cached_property
    def risk(self) -> RiskModel:
        """The escalation model."""
        model = RiskModel.from_dict(self._model["risk"])
        # Its reasons name lines.
        return model.untold("leaf") if self.decider.modes.hides else model

    @cached_property
    def bands(self) -> Bands:
        """Thresholds of the bands, from the policy and the model's evaluation."""
        return Bands.from_dict(self._model["bands"])

    @cached_property
    def policy_version(self) -> str:
        """Version of the policy, and of the field modes where not every answer stands."""
        return self.decider.modes.stamp(self.bands.policy_version)

    @cached_property
    def rulebook(self) -> Rulebook:
        """The rules of `data/rules.yaml`, read once."""
        return Rulebook.load(taxonomy=self.taxonomy)

    def warm(self) -> None:
        """Build what is built at first use, nearly all patterns of masking too."""
        self.rulebook.warm()
        self.assess([_WARMING])

    def assess(
        self,
        narratives: Sequence[str],
        contexts: Sequence[Context] | None = None,
        *,
        now: datetime | None = None,
        ruled: bool = True,
    ) -> list[Assessment]:
        """Assess narratives.

        Parameters
        ----------
        narratives : sequence of str, length n
            As submitted; anything a str can hold.
        contexts : sequence of Context, length n, optional
        now : datetime with a zone, optional
            Where clocks start that have no `received_at`; without either nothing has a due time.
        ruled : bool
            Whether the rules are applied; a ledger does so itself, with what it knows besides.

        Returns
        -------
        list of Assessment, length n
            In the same order; an answer does not depend on its neighbours.
        """
        known = contexts or [Context()] * len(narratives)
        found: list[Assessment] = []
        for part in batches(narratives):
            found += self._assess(narratives[part], known[part], now, ruled)
        return found

    def lines(self, narratives: Sequence[str]) -> Iterator[tuple[str | None, str | None, float]]:
        """Give line, subline and the leaf's probability alone, nothing else computed."""
        concepts = self.classifier.reads_concepts
        for part in batches(narratives):
            reading = self.read.batch(narratives[part], concepts=concepts)
            ranking = self.rank(self.classifier.score(reading).leaves)
            kana = may_hold_kana(reading.points)
            yield from self.decider.leading(reading.texts, ranking, kana=kana)

    def rank(self, leaves: Floats) -> Ranking:
        """Rank leaves as the bank's mix has them; the risk model is given them as they come."""
        return self.decider.rank(leaves if self.shift is None else self.shift.apply(leaves))

    def look(self, narratives: Sequence[str]) -> Pass:
        """Read, score and find signals in one batch."""
        reading = self.read.batch(narratives)
        scores = self.classifier.score(reading)
        mentions = self.reader.read_for_risk(reading.texts, reading.points)
        return Pass(reading.documents, scores, mentions)

    def _assess(
        self, texts: Sequence[str], contexts: Sequence[Context], now: datetime | None, ruled: bool
    ) -> list[Assessment]:
        seen = self.look(texts)
        documents, basis = seen.documents, seen.scores.basis
        ranking = self.rank(seen.scores.leaves)
        scale = self.classifier.temperatures[0]
        told = evidence(basis, documents, texts, columns=ranking.tops, scale=scale)
        risks = self._risks(seen, contexts, texts)
        natures = [self.natures[best] for best in seen.scores.natures.argmax(axis=1).tolist()]
        decided = self.decider.decide([d.text for d in documents], ranking, seen.scores.margins)
        signals = list(map(self._signals, seen.mentions, documents, texts))
        read = decided, natures, signals, risks
        found: list[Ruling] | list[None] = [None] * len(texts)
        if ruled:
            found = rulings(self.rulebook, *read, contexts=contexts, now=now)
        answers = list(map(self._answer, *read, told, documents, found))
        return with_sets(answers, ranking, self.shift, self.decider) if self.shift else answers

    def _answer(  # noqa: PLR0917
        self,
        chosen: Decision,
        nature: str,
        signals: tuple[Signal, ...],
        risk: Escalation,
        told: tuple[Reason, ...],
        document: Document,
        ruling: Ruling | None,
    ) -> Assessment:
        refused = chosen.abstain_reason is not None
        return Assessment(
            line=None if refused else chosen.line,
            subline=None if refused else chosen.subline,
            probability=chosen.probability,
            abstained=refused,
            abstain_reason=chosen.abstain_reason,
            alternatives=chosen.alternatives,
            secondary=chosen.secondary,
            nature=nature,
            signals=signals,
            escalation=risk,
            evidence=() if chosen.mode.hidden else told,
            masked_text=document.masked,
            model_version=self.version,
            policy_version=self.policy_version,
            concepts=self.read.finder.named(document.concepts),
            duties=ruling.duties if ruling else (),
            owner=ruling.owner if ruling else None,
            flags=flagged(ruling.flags if ruling else (), suggested=chosen.suggested),
            rules_version=ruling.version if ruling else "",
            held=chosen.held,
        )

    def _risks(
        self, seen: Pass, contexts: Sequence[Context], narratives: Sequence[str]
    ) -> list[Escalation]:
        texts = [document.text for document in seen.documents]
        scores = seen.scores.leaves, seen.scores.natures
        matrix = risk_matrix(*scores, seen.mentions, texts, contexts, registry=self._features)
        probabilities = self.risk.predict(matrix).tolist()
        told = self.risk.reasons_of(matrix, seen.mentions)
        found = []
        for i, probability in enumerate(probabilities):
            document, narrative = seen.documents[i], narratives[i]
            reasons = tuple(placed(r, document, narrative) for r in told[i])
            band, life = self.bands.band(probability), self._life(seen.mentions[i])
            if life is not None:
                # A rule, whatever the model says: no score keeps a life signal from people's eyes.
                band = self.bands.names[0]
                said = in_submitted(document, narrative, life.start, life.end, 0.0)
                reasons = (said._replace(kind="rule", label=_LIFE), *reasons)
            found.append(Escalation(probability, band, reasons))
        return found

    def _life(self, mentions: Sequence[Mention]) -> Mention | None:
        return next((m for m in mentions if m.code in self._life_codes and m.status.counts), None)

    def _signals(
        self, mentions: Sequence[Mention], document: Document, narrative: str
    ) -> tuple[Signal, ...]:
        found = []
        for mention in self.reader.signals(mentions):
            start, end = document.to_submitted.to_source(mention.start, mention.end)
            found.append(Signal(mention.code, start, end, narrative[start:end]))
        return tuple(found)
