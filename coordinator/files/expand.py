"""From a pathway to the draft of one patient's plan: pure, and the same for the same input."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from coordinator.errors import Refusal
from coordinator.files import grouping, leaving_out, notes, unrolling
from coordinator.files.drafts import (
    DraftGroup,
    DraftLink,
    DraftNote,
    DraftStep,
    DraftWaiver,
    LeftOut,
    PlanDraft,
)
from coordinator.files.pathways import PathwayFile, Step
from coordinator.files.patients import Study

__all__ = [
    "DraftGroup",
    "DraftLink",
    "DraftNote",
    "DraftStep",
    "DraftWaiver",
    "LeftOut",
    "PlanDraft",
    "expand",
]


def expand(
    pathway: PathwayFile,
    *,
    conditions: Collection[str] = (),
    studies: Iterable[Study] = (),
    on: date,
    leave_out: Collection[str] = (),
) -> PlanDraft:
    """The steps, links and groups of one plan that begins on ``on``, and what people have to see to.

    Optional steps stay unless they are in ``leave_out`` (keys of the pathway's steps); a step for a condition
    stays where the patient has it; a step is waived by a study on file that is recent enough on ``on``.
    Raises Refusal where ``leave_out`` names no step, nothing is left, or two rules cannot both be kept.
    """
    studies = tuple(studies)
    _refuse_unknown(pathway, leave_out)
    waivers = [found for step in pathway.steps if (found := leaving_out.waiver(step, studies, on))]
    waived = {waiver.step for waiver in waivers}
    without = tuple(leaving_out.left_out(pathway, waived=waived, conditions=conditions, leave_out=leave_out))
    steps = _present(pathway, without)
    edges = leaving_out.bridged(leaving_out.edges(pathway, conditions), [gone.step for gone in without])
    gone_by_waiver = {gone.step for gone in without if gone.why == "waived"}
    return PlanDraft(
        pathway=pathway.key,
        title=pathway.title,
        steps=tuple(unrolling.draft_steps(pathway, steps)),
        links=unrolling.links(pathway, steps, edges),
        groups=tuple(grouping.groups(pathway, steps)),
        max_day_minutes=grouping.max_day_minutes(pathway, steps),
        waivers=tuple(waiver for waiver in waivers if waiver.step in gone_by_waiver),
        left_out=without,
        notes=tuple(notes.notes(pathway, steps, edges, conditions=conditions, studies=studies, on=on)),
    )


def _refuse_unknown(pathway: PathwayFile, leave_out: Collection[str]) -> None:
    known = {step.key for step in pathway.steps}
    for key in leave_out:
        if key not in known:
            raise Refusal("There is no step {step} in the pathway {pathway}.", step=key, pathway=pathway.key)


def _present(pathway: PathwayFile, without: Iterable[LeftOut]) -> Sequence[Step]:
    gone = {left.step for left in without}
    steps = [step for step in pathway.steps if step.key not in gone]
    if not steps:
        raise Refusal("Nothing is left of the pathway {pathway}.", pathway=pathway.key)
    return steps
