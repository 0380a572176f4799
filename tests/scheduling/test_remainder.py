"""What is taken of the calendars can be given back."""

from hypothesis import given
from hypothesis import strategies as st

from coordinator.scheduling import engine, remainder
from tests.scheduling.clinic import a_problem, link, phase, plan, resource, step

spans = st.sets(st.integers(0, 100), max_size=16).map(
    lambda edges: tuple(zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
)


def minutes(free: tuple[tuple[int, int], ...]) -> set[int]:
    return {minute for low, high in free for minute in range(low, high)}


@given(spans, spans)
def test_less_is_what_no_taken_interval_has(
    free: tuple[tuple[int, int], ...], taken: tuple[tuple[int, int], ...]
) -> None:
    left = remainder.less(free, taken)
    assert minutes(left) == minutes(free) - minutes(taken)
    assert all(low < high for low, high in left)


@given(spans, spans)
def test_what_was_taken_and_given_back_is_as_before(
    free: tuple[tuple[int, int], ...], taken: tuple[tuple[int, int], ...]
) -> None:
    left = remainder.less(free, taken)
    parts = [(max(a, c), min(b, d)) for a, b in free for c, d in taken if max(a, c) < min(b, d)]
    assert minutes(remainder.more(left, parts)) == minutes(free)


def test_a_booked_plan_that_is_taken_out_leaves_the_clinic_as_it_was() -> None:
    resources = [resource("doctor", "doctor"), resource("room-1", "room"), resource("room-2", "room")]
    steps = [step("exam", phase(60, "doctor", "room")), step("talk", phase(30, "doctor"))]
    problem = a_problem(
        plan(*steps, links=[link("exam", "talk", days=[1, 2])], patient="p"),
        plan(step("other", phase(30, "doctor")), patient="p") | {"id": "second"},
        resources=resources,
    )
    found = engine.solve(problem, seconds=5).plan("plan").proposal
    assert found is not None
    booked = remainder.after(problem, found)
    assert booked.resource["doctor"].free != problem.resource["doctor"].free
    assert booked.plan["second"].free is not None
    again = remainder.before(booked, problem, found)
    assert {key: each.free for key, each in again.resource.items()} == {
        key: each.free for key, each in problem.resource.items()
    }
