"""Why a plan cannot be booked, in the reader's language: what the search gave as reasons, with titles and names."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import flask_babel

from coordinator.services import plan_steps
from coordinator.services.plan_pages import PlanPage
from coordinator.web import phrases, words

gettext: Callable[..., str] = flask_babel.gettext
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason: the step it is about (none: the whole plan), what sort of rule, and a sentence."""

    title: str
    rule: str
    sentence: str


def obstacles(page: PlanPage) -> list[Obstacle]:
    """The reasons of a plan's newest search, each with its sentence; the core's own where we know none."""
    told = _Telling(page)
    return [told.obstacle(reason) for reason in page.search.reasons] if page.search else []


@dataclass(frozen=True, slots=True)
class _Telling:
    page: PlanPage

    def obstacle(self, reason: Facts) -> Obstacle:
        step, rule, facts = reason["step"], reason["rule"], reason["facts"]
        known = _SENTENCES.get(rule)
        sentence = known(self, step, facts) if known else ""
        title = "" if step == "-" else self.title(step)
        return Obstacle(title, phrases.rule(rule), sentence or reason["text"])

    def nobody(self, _step: str, facts: Facts) -> str:
        who, places = self.names(facts["capabilities"]), self.places(facts["locations"])
        return gettext("Needed and not there at %(places)s: %(who)s.", places=places, who=who)

    def never_free(self, _step: str, facts: Facts) -> str:
        if "needs" not in facts:
            return gettext("The steps do not fit between the earliest day and the end of the calendars.")
        said = {"who": self.each(facts["needs"]), "places": self.places(self.page.plan.locations)}
        if len(facts["needs"]) == 1:
            sentence = gettext("Not free at %(places)s when this step needs it: %(who)s.", **said)
        else:
            sentence = gettext(
                "Never free together at %(places)s when this step needs them: %(who)s.", **said
            )
        return f"{sentence} {self.looked(facts)}".strip()

    def looked(self, facts: Facts) -> str:
        """Between which days the step could be, as far as the other rules go."""
        if "from" not in facts:
            return ""
        first, last = (words.plain_date(date.fromisoformat(facts[end])) for end in ("from", "to"))
        if first == last:
            return gettext("The other rules leave it only %(day)s.", day=first)
        return gettext(
            "The other rules leave it the days from %(first)s to %(last)s.", first=first, last=last
        )

    def follows(self, _step: str, facts: Facts) -> str:
        first, then = facts["from"], facts["to"]
        said = {"then": self.title(then), "first": self.title(first)}
        link = next(
            each for each in self.page.plan.links if (each.before_key, each.after_key) == (first, then)
        )
        gap = phrases.gap(plan_steps.gap(link, {}))
        if gap:
            return gettext("%(then)s has to follow %(first)s: %(gap)s.", **said, gap=gap)
        return gettext("%(then)s has to follow %(first)s.", **said)

    def same_person(self, _step: str, facts: Facts) -> str:
        who = self.names([facts["capability"]])
        return gettext("One and the same person has to do the whole series: %(who)s.", who=who)

    def patient(self, _step: str, _facts: Facts) -> str:
        can_come = self.page.plan.patient.can_come
        if not can_come:
            return gettext("The patient has other appointments at the times that are left.")
        return gettext(
            "The patient can come %(hours)s, and not at the times that are left.", hours=words.hours(can_come)
        )

    def window(self, _step: str, _facts: Facts) -> str:
        return gettext("This step has to lie within the days that are set for it.")

    def long_day(self, _step: str, facts: Facts) -> str:
        return gettext(
            "A day of the patient may last %(time)s at most.", time=phrases.minutes(facts["minutes"])
        )

    def one_day(self, _step: str, facts: Facts) -> str:
        return gettext("These have to be on one day: %(steps)s.", steps=self.titles(facts["steps"]))

    def other_days(self, _step: str, facts: Facts) -> str:
        return gettext("These must not share a day: %(steps)s.", steps=self.titles(facts["steps"]))

    def stays(self, _step: str, facts: Facts) -> str:
        return gettext("This step has to stay where it is booked.") if "start" in facts else ""

    def title(self, key: str) -> str:
        """A step's title, with its number in a series."""
        step = next((each for each in self.page.plan.steps if each.key == key), None)
        if step is None:
            return key
        said = words.words(step.title)
        if not step.of:
            return said
        return f"{said}, {gettext('%(number)s of %(of)s', number=step.number, of=step.of)}"

    def titles(self, keys: Iterable[str]) -> str:
        return "; ".join(map(self.title, keys))

    def names(self, keys: Iterable[str]) -> str:
        """Capabilities by the clinic's own names."""
        return " + ".join(
            words.words(self.page.names[key]) if key in self.page.names else key for key in keys
        )

    def each(self, needs: Iterable[Iterable[str]]) -> str:
        return "; ".join(dict.fromkeys(map(self.names, needs)))

    def places(self, keys: Iterable[str]) -> str:
        known = {each.key: each.name for each in self.page.locations}
        return gettext(" or ").join(known.get(key, key) for key in keys)


_SENTENCES: Mapping[str, Callable[[_Telling, str, Facts], str]] = {
    "no-resource": _Telling.nobody,
    "no-time": _Telling.never_free,
    "link": _Telling.follows,
    "series": _Telling.same_person,
    "patient": _Telling.patient,
    "window": _Telling.window,
    "day-length": _Telling.long_day,
    "same-day": _Telling.one_day,
    "not-same-day": _Telling.other_days,
    "pinned": _Telling.stays,
}
