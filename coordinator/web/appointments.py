"""One booked appointment: moving it to a time that keeps its plan whole, cancelling it."""

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from coordinator.errors import Conflict
from coordinator.services import cancelling, moving, plan_pages
from coordinator.web import forms, problems
from coordinator.web.permissions import by, coordinators_only

appointments = Blueprint("appointments", __name__)
SECONDS = 1.0
"""How long the search for each of the offered times may take."""


def _delay() -> int:
    seconds: int = current_app.config["NOTICE_DELAY_SECONDS"]
    return seconds


@appointments.get("/appointments/<int:appointment_id>/move")
@coordinators_only
def choose(appointment_id: int) -> str:
    """The times to choose from: each is checked against the whole plan."""
    choices = moving.times_for(g.session, appointment_id, seconds=SECONDS, now=g.now)
    page = plan_pages.appointment(
        g.session, appointment_id, by=by(), now=g.now
    )  # last: the search lets go of rows
    return render_template("plans/move.html", page=page, choices=choices)


@appointments.post("/appointments/<int:appointment_id>/move")
@coordinators_only
def move(appointment_id: int) -> Response:
    moved = moving.move(
        g.session,
        appointment_id,
        starts_at=forms.instant(request.form.get("starts_at")),
        version=forms.number(request.form.get("version")),
        delay_seconds=_delay(),
        by=by(),
        now=g.now,
    )
    flash(gettext("The appointment is moved; whoever was told of it is told of the change."))
    return redirect(url_for("plans.show", plan_id=moved.plan_id, _anchor=f"appointment-{moved.id}"), 303)


@appointments.post("/appointments/<int:appointment_id>/cancel")
@coordinators_only
def cancel(appointment_id: int) -> Response:
    cancelled = cancelling.cancel(
        g.session,
        appointment_id,
        version=forms.number(request.form.get("version")),
        why=request.form.get("why", "")[:200],
        delay_seconds=_delay(),
        by=by(),
        now=g.now,
    )
    flash(gettext("The appointment is cancelled; whoever was told of it is told so."))
    return redirect(url_for("plans.show", plan_id=cancelled.plan_id), 303)


@appointments.errorhandler(Conflict)
def lost(conflict: Conflict) -> tuple[str, int]:
    """Somebody was faster: nothing was changed, and other times can be looked for from here."""
    appointment_id = (request.view_args or {}).get("appointment_id")
    said = problems.sentence(conflict)
    page = render_template("plans/lost.html", sentence=said, plan_id=None, appointment_id=appointment_id)
    return page, conflict.status
