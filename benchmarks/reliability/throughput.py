"""Plans booked in a second, of 20 visits with 4 claims each, beside what the disk can flush in the same run."""

from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.reliability import asking, bookers, disk, stage, truths
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.latencies import p50_p99_max, quantile
from benchmarks.reliability.plans import Offer
from benchmarks.reliability.stage import Stage
from benchmarks.reliability.verdicts import Verdict, at_least, exactly, no_more_than, told

COURSE = Course(20)
LANES = 25
CORE_SHARE = {"sqlite": 0.6, "postgresql": 0.2}
"""The least share of F that is asked of the services: SQLite for any number of writers, PostgreSQL for 4."""
PAGES_SHARE = 0.25
FAIR = 5.0


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Measure the services with 1, 4 and 16 processes, then the pages with 16 coordinators."""
    parser = asking.parser("throughput", __doc__)
    parser.add_argument("--plans", type=int, default=480, help="plans for each figure (%(default)s)")
    parser.add_argument("--nodes", type=int, default=2, help="server processes for the pages (%(default)s)")
    parser.add_argument("--writers", type=int, nargs="*", default=[1, 4, 16], help="(%(default)s)")
    parser.add_argument("--no-pages", action="store_true", help="the services alone")
    asked = parser.parse_args(arguments)
    with stage.prepared(
        asked.database,
        lanes=LANES,
        patients=asked.plans * 4,
        courses=[COURSE],
        coordinators=16,
        node_count=0 if asked.no_pages else asked.nodes,
    ) as ready:
        plans = ready.desk.offers(COURSE, LANES)
        verdicts: list[Verdict] = []
        for writers in asked.writers:
            verdicts += _services(ready, [next(plans) for _ in range(asked.plans)], writers)
        if not asked.no_pages:
            verdicts += _pages(ready, [next(plans) for _ in range(asked.plans)])
        return [*verdicts, *_whole(ready)]


def _services(ready: Stage, offers: Sequence[Offer], writers: int) -> Iterator[Verdict]:
    flushes = disk.flushes_per_second(ready.database.folder)
    booked = bookers.book_all(ready.database.url, [offers[n::writers] for n in range(writers)])
    flushes = (flushes + disk.flushes_per_second(ready.database.folder)) / 2
    kind = ready.engine.dialect.name
    rate, what = len(booked.each) / booked.took, f"services, {writers} writers: "
    yield told(f"{what}plans/s; F", f"{rate:,.1f}; {flushes:,.0f}")
    share = rate / flushes
    if kind == "sqlite" or writers == 4:
        yield at_least(f"{what}plans/s in F", share, CORE_SHARE[kind])
    else:
        yield told(f"{what}plans/s in F", f"{share:.3g}")
    yield told(f"{what}p50 / p99 / longest", p50_p99_max(booked.each))
    yield told(f"{what}computed for a plan", f"{1000 * booked.computed / len(booked.each):,.1f} ms")
    if writers == 16 and kind == "sqlite":
        yield no_more_than(f"{what}p99 in 16/F", quantile(booked.each, 0.99) / 1000 * flushes / writers, 2)
        yield no_more_than(f"{what}longest in medians", max(booked.each) / median(booked.each), FAIR)


def _pages(ready: Stage, offers: Sequence[Offer]) -> Iterator[Verdict]:
    flushes = disk.flushes_per_second(ready.database.folder)
    with ready.crowd() as crowd:
        clients = len(crowd.members)
        orders = [[offer.order for offer in offers[n::clients]] for n in range(clients)]
        crowd.in_turn([own[:1] for own in orders])  # what is loaded at first use is not what is measured
        took, answers = crowd.timed([own[1:] for own in orders])
    flushes = (flushes + disk.flushes_per_second(ready.database.folder)) / 2
    rate, what = len(answers) / took, f"pages, {clients} coordinators: "
    yield told(f"{what}plans/s; F", f"{rate:,.1f}; {flushes:,.0f}")
    yield at_least(f"{what}plans/s in F", rate / flushes, PAGES_SHARE)
    yield told(f"{what}p50 / p99 / longest", p50_p99_max([each.seconds for each in answers]))
    yield exactly(f"{what}not booked", sum(each.status != 303 for each in answers), 0)


def _whole(ready: Stage) -> Iterator[Verdict]:
    yield exactly("overlapping claims", truths.overlaps(ready.engine), 0)
    yield exactly("plans booked in part", truths.half_plans(ready.engine), 0)
