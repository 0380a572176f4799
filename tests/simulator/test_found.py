"""What histories have found, as short as it gets."""

from tests.simulator.machine import Simulator


def test_a_step_over_midnight_is_booked(database_url: str) -> None:
    machine = Simulator(database_url)
    try:
        machine.draft(patient=0, therapies=0)
        machine.propose(plan=0, times=63, names=0)  # a consultation from 23:45 on
        machine.book(proposal=0, version=0)
        machine.all_is_as_foreseen()
    finally:
        machine.teardown()
