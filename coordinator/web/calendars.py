"""Practitioners' own calendars that keep them busy: adding one by address or file, reading it again, removing it."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from coordinator import fetching
from coordinator.errors import NotAllowed, Refusal
from coordinator.services import busy_calendars as service
from coordinator.web.permissions import by, staff_only

calendars = Blueprint("calendars", __name__, url_prefix="/practitioners/<int:practitioner_id>/calendars")


PROBLEMS = {
    fetching.REFUSED: lazy_gettext("The calendar cannot be read from this address."),
    service.NOT_READ: lazy_gettext("What this address answers cannot be read as a calendar."),
}


@calendars.app_template_filter()
def host(address: str) -> str:
    """Where an address leads, and no more of it: the rest is a secret."""
    return urlsplit(address).hostname or ""


@calendars.app_template_filter()
def calendar_problem(problem: str) -> str:
    """Why a calendar could not be read, in the reader's language."""
    return str(PROBLEMS.get(problem, problem))


def _may_change(practitioner_id: int) -> None:
    """One's own calendars, or anybody's for coordinators. Raises NotAllowed."""
    if practitioner_id != current_user.practitioner_id and not current_user.coordinates:
        raise NotAllowed("Your account cannot open this page.")


def _back(practitioner_id: int) -> Response:
    whose = None if practitioner_id == current_user.practitioner_id else practitioner_id
    return redirect(url_for("days.mine", practitioner_id=whose, _anchor="calendars"), 303)


@calendars.post("/address")
@staff_only
def add_address(practitioner_id: int) -> Response:
    _may_change(practitioner_id)
    address = request.form.get("address", "").strip()
    service.add_address(g.session, practitioner_id, address, by=by(), now=g.now)
    flash(gettext("The calendar is read within a minute, and every quarter of an hour from then on."))
    return _back(practitioner_id)


@calendars.post("/file")
@staff_only
def add_file(practitioner_id: int) -> Response:
    _may_change(practitioner_id)
    file = request.files.get("file")
    if file is None:
        raise Refusal("Choose a calendar file first.")
    octets = file.stream.read(service.MOST_OCTETS + 1)
    service.add_file(g.session, practitioner_id, octets, by=by(), now=g.now)
    flash(gettext("The busy times of the file are kept; nothing of what they are."))
    return _back(practitioner_id)


@calendars.post("/<int:calendar_id>/read")
@staff_only
def read_again(practitioner_id: int, calendar_id: int) -> Response:
    _may_change(practitioner_id)
    service.read_again(g.session, practitioner_id, calendar_id, by=by(), now=g.now)
    flash(gettext("The calendar is read within a minute."))
    return _back(practitioner_id)


@calendars.post("/<int:calendar_id>/remove")
@staff_only
def remove(practitioner_id: int, calendar_id: int) -> Response:
    _may_change(practitioner_id)
    service.remove(g.session, practitioner_id, calendar_id, by=by(), now=g.now)
    flash(gettext("The calendar is removed, and its busy times with it."))
    return _back(practitioner_id)
