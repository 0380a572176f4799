"""Which rules on resources that bind several steps a search keeps, from the easiest to all of them."""

from dataclasses import dataclass

from coordinator.scheduling import roles as rolebook
from coordinator.scheduling.site import Site


@dataclass(frozen=True, slots=True)
class Binding:
    """Which rules on resources that bind several steps are kept: wished series, and two steps' rivalry for one thing.

    A model without one of them is a relaxation, exact as soon as its starts can be filled at the same cost.
    """

    wishes: bool
    rivals: bool


def bindings(site: Site) -> list[Binding]:
    """From the easiest to the exact one for this plan and location."""
    wishes = bool(site.problem.weights.continuity) and any(not series.same for series in site.plan.series)
    everyone = [role for roles in site.roles.values() for role in roles]
    rivals = bool(rolebook.beside_each_other(everyone, site.things))
    ladder = [Binding(False, False), Binding(wishes, False), Binding(wishes, rivals)]
    return list(dict.fromkeys(ladder))
