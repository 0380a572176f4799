"""What stands around every page: the ways in the header, the clinic's name."""

from dataclasses import dataclass

from flask import Flask, g, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_login import current_user

from coordinator.models import Clinic
from coordinator.services import lists


@dataclass(frozen=True, slots=True)
class Way:
    """One entry of the header."""

    endpoint: str
    label: LazyString

    @property
    def here(self) -> bool:
        """Whether the page belongs to this entry."""
        return request.blueprint == self.endpoint.partition(".")[0]

    @property
    def address(self) -> str:
        return url_for(self.endpoint)


WAYS = (
    Way("desk.show", lazy_gettext("Desk")),
    Way("board.show", lazy_gettext("Board")),
    Way("plans.listed", lazy_gettext("Plans")),
    Way("patients.listed", lazy_gettext("Patients")),
    Way("setup.show", lazy_gettext("Set-up")),
)
DEMO_WAYS = (Way("inbox.listed", lazy_gettext("Inbox of the demo")),)
OWN_WAYS = (Way("days.mine", lazy_gettext("My day")), Way("plans.listed", lazy_gettext("Plans")))


def register(app: Flask) -> None:
    """Give templates the header's entries and the clinic."""
    app.add_template_global(ways, "ways")
    app.add_template_global(the_clinic, "the_clinic")


def ways() -> list[Way]:
    """The header's entries for whoever is signed in."""
    if not current_user.is_authenticated:
        return []
    if not current_user.coordinates:
        return list(OWN_WAYS)
    clinic = the_clinic()
    return [*WAYS, *(DEMO_WAYS if clinic and clinic.is_demo else ())]


def the_clinic() -> Clinic | None:
    """The clinic, read once a request."""
    if "clinic" not in g:
        g.clinic = lists.clinic(g.session)
    found: Clinic | None = g.clinic
    return found
