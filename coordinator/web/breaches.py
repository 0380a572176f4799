"""What a change breaks of a plan, or what a plan breaks as it stands, in sentences for a coordinator."""

from collections.abc import Callable, Iterable

import flask_babel

from coordinator.models import TreatmentPlan
from coordinator.scheduling.rules import Violation
from coordinator.web import phrases, words

gettext: Callable[..., str] = flask_babel.gettext
ngettext: Callable[..., str] = flask_babel.ngettext


def sentences(plan: TreatmentPlan, broken: Iterable[Violation]) -> list[str]:
    """A sentence for each broken rule, each once; what is said with its days is not said without."""
    told = list(broken)
    counted = {each.step for each in told if "days" in each.facts and each.facts["days"] < 0}
    return list(
        dict.fromkeys(
            _sentence(plan, each)
            for each in told
            if each.facts or each.rule != "link" or each.step not in counted
        )
    )


def _sentence(plan: TreatmentPlan, broken: Violation) -> str:
    facts = broken.facts
    if "days" in facts:
        return _apart(plan, broken, facts["days"], "days")
    if "minutes" in facts and "allowed" in facts:
        return _apart(plan, broken, facts["minutes"], "minutes")
    step = title(plan, broken.step)
    said = {
        "link": gettext("%(step)s begins before a step that comes first has ended.", step=step),
        "series": gettext("The series is no longer with one and the same person."),
        "same-day": gettext("%(step)s is not on one day with what belongs to it.", step=step),
        "not-same-day": gettext("%(step)s is on a day that it must not share.", step=step),
        "window": gettext("%(step)s is outside the days that are set for it.", step=step),
        "day-length": gettext("A day of the patient gets too long."),
    }
    return said.get(broken.rule, f"{step}: {broken.text}")


def _apart(plan: TreatmentPlan, broken: Violation, value: int, unit: str) -> str:
    """``Then step 5 comes 3 days after step 4; the plan asks for at least 7 days.``"""
    least, most = broken.facts["allowed"]
    first, then = title(plan, broken.facts["from"]), title(plan, broken.facts["to"])
    amount = _days if unit == "days" else phrases.minutes
    if value < 0:
        return gettext("Then %(then)s comes before %(first)s.", then=then, first=first)
    said = {"then": then, "first": first, "time": amount(value)}
    if value < least:
        return gettext(
            "Then %(then)s comes %(time)s after %(first)s; the plan asks for at least %(least)s.",
            **said,
            least=amount(least),
        )
    return gettext(
        "Then %(then)s comes %(time)s after %(first)s; the plan asks for at most %(most)s.",
        **said,
        most=amount(most),
    )


def _days(number: int) -> str:
    return ngettext("%(num)d day", "%(num)d days", number)


def title(plan: TreatmentPlan, key: str) -> str:
    """A step's title, with its number in a series."""
    step = next((each for each in plan.steps if each.key == key), None)
    if step is None:
        return key
    said = words.words(step.title)
    return f"{said}, {gettext('%(number)s of %(of)s', number=step.number, of=step.of)}" if step.of else said
