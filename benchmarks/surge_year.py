"""A simulated year with holidays and planted surges, as `benchmarks.surge` judges it."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from training.corpus import load_corpus
from training.simulate_people import draw_customers, draw_timeline
from training.simulate_process import load_process, make_pool
from training.simulate_tickets import draw_intake
from triage.reading import TextReader
from triage.rules.calendar import default_calendar
from triage.surge.phrases import shared_phrases
from triage.surge.settings import load_settings
from triage.surge.tickets import SurgeTicket
from triage.taxonomy import load_taxonomy, split_leaf

START = date(2025, 1, 1)
DAYS = 365
QUIET_DAYS = 40  # a baseline first: nothing is planted before
FREE, AFTER, MADE_UP = 0.45, 1.35, 2.0  # holidays, the day after three off, weekends worked
SCAM_SHARE, SCAM_DAYS = 0.005, 14


@dataclass(frozen=True)
class Plant:
    """A planted event: `key` are the fields whose tickets grow by `factor`."""

    day: int
    days: int
    factor: float
    key: dict
    ids: set = field(default_factory=set)
    per_day: float = 0.0
    phrase: str = ""


class World:
    """The corpus read once."""

    def __init__(self):
        self.rows = load_corpus(load_taxonomy())
        self.pool, self.process = make_pool(self.rows), load_process()
        self.reader = TextReader()
        self.words = [doc.words for doc in self.reader.many([row.text for row in self.rows])]
        self.settings = load_settings()

    def year(self, seed, tickets):
        """Draw a year: tickets as columns, holidays in it, nothing planted."""
        rngs = np.random.default_rng([seed, 77]).spawn(4)
        people = draw_customers(rngs[0], tickets * 3, self.process)
        line = draw_timeline(rngs[1], people, self.pool, self.process, start=START)
        intake, _ = draw_intake(rngs[2], people, line, self.pool, self.process, start=START)
        day = (line.seconds // 86_400).astype(np.int64)
        return intake, day, self.pool.leaf[intake.narrative], rngs[3]


def holiday_factor(day):
    """How many times as many tickets a day has as its weekday would have."""
    calendar, date_ = default_calendar(), START + timedelta(days=int(day))
    works = calendar.is_working_day(date_)
    if not works:
        return FREE if date_.weekday() < 5 else FREE / 0.5 * 0.8
    if date_.weekday() >= 5:
        return MADE_UP
    rest = not any(calendar.is_working_day(date_ - timedelta(days=n)) for n in (1, 2, 3))
    return AFTER if rest else 1.0


def with_holidays(rng, day):
    """Thin the tickets of days off, repeat some on days with more: indices and their days."""
    index, when = [], []
    for number in range(DAYS):
        own = np.flatnonzero(day == number)
        factor = holiday_factor(number)
        if factor < 1:
            own = own[rng.random(len(own)) < factor]
        elif factor > 1:
            near = np.flatnonzero((np.abs(day - number) <= 7) & (day != number))
            own = np.concatenate([own, rng.choice(near, rng.poisson((factor - 1) * len(own)))])
        index.append(own)
        when.append(np.full(len(own), number))
    return np.concatenate(index), np.concatenate(when)


def plan(rng, columns, day, share_unit):
    """Five surges a quarter after the first baseline: fields, growth, days."""
    plants = []
    for quarter in range(4):
        low, high = max(QUIET_DAYS, quarter * 91), min(DAYS - 24, quarter * 91 + 91)
        for _ in range(5):
            pick = rng.integers(len(day))
            names = ["line", "subline", "product"]
            if rng.random() < share_unit:
                names.append("unit")
            key = {name: columns[name][pick] for name in names if columns[name][pick]}
            plants.append(
                Plant(
                    day=int(rng.integers(low, high)),
                    days=int(rng.integers(7, 22)),
                    factor=float(rng.uniform(1.5, 5.0)),
                    key=key,
                )
            )
    return plants


def columns_of(intake, leaf):
    """Fields of the tickets that series are made of."""
    parts = [split_leaf(str(name)) for name in leaf]
    return {
        "line": np.array([line for line, _ in parts], dtype=object),
        "subline": np.array([sub or "" for _, sub in parts], dtype=object),
        "product": intake.product.astype(object),
        "unit": intake.unit.astype(object),
        "channel": intake.channel.astype(object),
    }


def plant_tickets(rng, plants, columns, index, when):
    """Draw the tickets of planted surges: indices of tickets told again, days, plant numbers."""
    found = []
    totals = np.bincount(when, minlength=DAYS)
    for number, plant in enumerate(plants):
        same = np.ones(len(index), dtype=bool)
        for name, value in plant.key.items():
            same &= columns[name][index] == value
        near = same & (np.abs(when - plant.day) <= 28)
        share = near.sum() / totals[max(0, plant.day - 28) : plant.day + 29].sum()
        for day in range(plant.day, min(DAYS, plant.day + plant.days)):
            extra = rng.poisson((plant.factor - 1) * share * totals[day])
            picked = rng.choice(index[near], size=extra)
            found.extend((one, day, number) for one in picked.tolist())
        plants[number] = replace(plant, per_day=float(share * totals.mean()))
    return found


FRAMES = (
    "对方让我下载{app}开视频会议",
    "说要在{app}里关闭百万保障",
    "客服电话让装{app}，说不装就扣钱",
    "按他们说的在{app}上共享了屏幕",
    "群里老师叫我们把钱充到{app}",
    "后来才知道{app}是假的软件",
    "骗子发来{app}的链接叫我点",
    "我妈被人教着用{app}转了钱",
    "{app}上显示的余额提不出来",
    "一个叫{app}的平台说能退会费",
    "他自称银保监的，让我用{app}认证",
    "在{app}里填了验证码钱就没了",
)
_FIRST, _SECOND, _THIRD = "云闪速银联慧安极联", "护保盾签核鑫捷信", "通付宝连盈易融"


def scam_name(rng):
    """Make up the name of an app that nobody has heard of."""
    return "".join(rng.choice(list(part)) for part in (_FIRST, _SECOND, _THIRD))


def scam_texts(rng, world, name, count):
    """Write narratives of people who met a new scam: a corpus row with one more sentence."""
    rows = np.flatnonzero(world.pool.leaf == "fraud.scam_transfer")
    texts = []
    for row in rng.choice(rows, size=count):
        frame = FRAMES[rng.integers(len(FRAMES))].format(app=name)
        head, stop, tail = world.rows[row].text.partition("。")
        texts.append(f"{head}{stop or '，'}{frame}。{tail}")
    return texts


def make_tickets(world, seed, tickets, *, unit=False, plants=True, scam=False, share=SCAM_SHARE):
    """Give a year's tickets and what was planted in it."""
    intake, day, leaf, rng = world.year(seed, tickets)
    columns = columns_of(intake, leaf)
    index, when = with_holidays(rng, day)
    planned = plan(rng, columns, day, float(unit)) if plants else []
    extra = plant_tickets(rng, planned, columns, index, when)
    texts, scams = [], []
    if scam:
        for low, high in ((QUIET_DAYS, 140), (140, 240), (240, DAYS - SCAM_DAYS - 7)):
            name, start = scam_name(rng), int(rng.integers(low, high))
            per_day = share * len(index) / DAYS
            days = np.repeat(np.arange(SCAM_DAYS), rng.poisson(per_day, SCAM_DAYS)) + start
            scams.append(Plant(start, SCAM_DAYS, 0.0, {}, per_day=per_day, phrase=name))
            own = scam_texts(rng, world, name, len(days))
            texts.extend((text, int(d), len(scams) - 1) for text, d in zip(own, days, strict=True))
    words = world.words + [d.words for d in world.reader.many([text for text, *_ in texts])]
    phrases = shared_phrases(words, world.settings.phrases)
    made, copied = [], set()
    for number, (one, on) in enumerate(zip(index.tolist(), when.tolist(), strict=True)):
        again = one in copied
        copied.add(one)
        made.append(
            _ticket(intake, columns, phrases, one=one, day=on, ident=f"T{number}", own=again)
        )
    for number, (one, on, plant) in enumerate(extra):
        made.append(
            _ticket(intake, columns, phrases, one=one, day=on, ident=f"P{number}", own=True)
        )
        planned[plant].ids.add(f"P{number}")
    scam_index = np.flatnonzero(leaf == "fraud.scam_transfer")
    for number, (_, on, plant) in enumerate(texts):
        like = int(rng.choice(scam_index))
        ticket = _ticket(intake, columns, phrases, one=like, day=on, ident=f"S{number}", own=True)
        mine = len(world.words) + number
        made.append(replace(ticket, phrases=phrases[mine], wording=f"s{number}"))
        scams[plant].ids.add(f"S{number}")
    return made, planned, scams


def _ticket(intake, columns, phrases, *, one, day, ident, own):
    """One ticket of the year; one told again is another customer's own matter."""
    row = int(intake.narrative[one])
    template = int(intake.template[one])
    return SurgeTicket(
        id=ident,
        received=START + timedelta(days=int(day)),
        **{name: values[one] or None for name, values in columns.items()},
        customer_ref=ident if own else f"C{intake.customer[one]}",
        matter=ident if own else f"M{intake.matter[one]}",
        cluster=f"L{template}" if template >= 0 and not own else None,
        phrases=phrases[row],
        wording=f"w{row}",
    )
