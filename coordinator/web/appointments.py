"""What is booked: moving, swapping and cancelling appointments, shifting a plan, undoing what was done."""

import secrets
from datetime import datetime

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from coordinator import times
from coordinator.errors import Conflict
from coordinator.services import (
    answers,
    cancelling,
    moving,
    named,
    plan_pages,
    planning,
    replanning,
    shifting,
    swapping,
    undoing,
)
from coordinator.services.rearranging import Breaks
from coordinator.web import breaches, forms, problems
from coordinator.web.permissions import by, coordinators_only

appointments = Blueprint("appointments", __name__)
SECONDS = 1.0
"""How long the search for each of the offered times may take."""


def _delay() -> int:
    seconds: int = current_app.config["NOTICE_DELAY_SECONDS"]
    return seconds


def _key() -> str | None:
    return request.form.get("key") or None


def _knowingly() -> bool:
    return request.form.get("knowingly") == "1"


def _to(plan_id: int, appointment_id: int | None = None) -> Response:
    anchor = f"appointment-{appointment_id}" if appointment_id else None
    return redirect(url_for("plans.show", plan_id=plan_id, _anchor=anchor), 303)


@appointments.get("/appointments/<int:appointment_id>/move")
@coordinators_only
def choose(appointment_id: int) -> str:
    """The times to choose from: each is checked against the whole plan; ``answer`` may propose one."""
    answer_id = forms.optional_number(request.args.get("answer"))
    proposed = answers.proposed(g.session, answer_id, appointment_id)
    choices = moving.times_for(g.session, appointment_id, seconds=SECONDS, now=g.now)
    partners = swapping.partners(g.session, appointment_id, now=g.now)
    page = plan_pages.appointment(
        g.session, appointment_id, by=by(), now=g.now
    )  # last: the search lets go of rows
    key = secrets.token_urlsafe(16)
    return render_template(
        "plans/move.html", page=page, choices=choices, partners=partners, key=key, proposed=proposed
    )


@appointments.post("/appointments/<int:appointment_id>/move")
@coordinators_only
def move(appointment_id: int) -> Response:
    """To one of the offered times, or to another that was typed by the clock of the place."""
    moved = moving.move(
        g.session,
        appointment_id,
        starts_at=_chosen(appointment_id),
        version=forms.number(request.form.get("version")),
        knowingly=_knowingly(),
        key=_key(),
        delay_seconds=_delay(),
        by=by(),
        now=g.now,
    )
    flash(gettext("The appointment is moved; whoever was told of it is told of the change."))
    return _to(moved.plan_id, moved.id)


def _chosen(appointment_id: int) -> datetime:
    day = forms.day(request.form.get("day"))
    if day is None:
        return forms.instant(request.form.get("starts_at"))
    wall = forms.clock_time(request.form.get("time"))
    return times.to_instant(datetime.combine(day, wall), named.zone_of(g.session, appointment_id))


@appointments.post("/appointments/<int:appointment_id>/swap")
@coordinators_only
def swap(appointment_id: int) -> Response:
    """With another appointment, which the form names by its number and version."""
    other, _, version = request.form.get("other", "").partition(".")
    one, _other = swapping.swap(
        g.session,
        appointment_id,
        forms.number(other),
        versions=(forms.number(request.form.get("version")), forms.number(version)),
        knowingly=_knowingly(),
        key=_key(),
        delay_seconds=_delay(),
        by=by(),
        now=g.now,
    )
    flash(gettext("The two appointments are swapped; whoever was told of them is told of the change."))
    return _to(one.plan_id, one.id)


@appointments.post("/appointments/<int:appointment_id>/cancel")
@coordinators_only
def cancel(appointment_id: int) -> Response:
    cancelled = cancelling.cancel(
        g.session,
        appointment_id,
        version=forms.number(request.form.get("version")),
        why=request.form.get("why", "")[:200],
        key=_key(),
        delay_seconds=_delay(),
        by=by(),
        now=g.now,
    )
    flash(gettext("The appointment is cancelled; whoever was told of it is told so."))
    return _to(cancelled.plan_id)


@appointments.post("/plans/<int:plan_id>/shift")
@coordinators_only
def shift(plan_id: int) -> Response:
    """All that has not begun, by days or minutes."""
    amount = forms.number(request.form.get("amount"))
    amount = -amount if request.form.get("way") == "sooner" else amount
    unit = "minutes" if request.form.get("unit") == "minutes" else "days"
    moved = shifting.shift(
        g.session,
        plan_id,
        **{unit: amount},
        version=forms.number(request.form.get("version")),
        knowingly=_knowingly(),
        key=_key(),
        delay_seconds=_delay(),
        by=by(),
        now=g.now,
    )
    count = sum(each.starts_at > g.now and not each.step.task for each in moved)
    flash(ngettext("%(num)d appointment is moved.", "%(num)d appointments are moved.", count))
    return _to(plan_id)


@appointments.post("/plans/<int:plan_id>/rest")
@coordinators_only
def find_rest(plan_id: int) -> Response:
    """New times for all but those that are ticked to stay, to look at first."""
    staying = [forms.number(each) for each in request.form.getlist("staying")]
    seconds = current_app.config["SOLVER_SECONDS"]
    replanning.find(g.session, plan_id, staying=staying, seconds=seconds, by=by(), now=g.now)
    return redirect(url_for("plans.show", plan_id=plan_id, _anchor="rest"), 303)


@appointments.post("/plans/<int:plan_id>/rest/book")
@coordinators_only
def book_rest(plan_id: int) -> Response:
    replanning.book(
        g.session,
        forms.number(request.form.get("proposal_id")),
        version=forms.number(request.form.get("version")),
        key=_key(),
        delay_seconds=_delay(),
        by=by(),
        now=g.now,
    )
    flash(gettext("The new times are booked; whoever was told of the old ones is told of the change."))
    return _to(plan_id)


@appointments.post("/plans/<int:plan_id>/undo")
@coordinators_only
def undo(plan_id: int) -> Response:
    undoing.undo(
        g.session,
        plan_id,
        forms.number(request.form.get("deed")),
        version=forms.number(request.form.get("version")),
        key=_key(),
        delay_seconds=_delay(),
        by=by(),
        now=g.now,
    )
    flash(gettext("It is undone: everything is as it was before."))
    return _to(plan_id)


@appointments.post("/plans/<int:plan_id>/give-away")
@coordinators_only
def give_away(plan_id: int) -> Response:
    undoing.give_away(g.session, plan_id, forms.number(request.form.get("deed")), by=by(), now=g.now)
    flash(gettext("The time is free for others now."))
    return _to(plan_id)


@appointments.errorhandler(Breaks)
def ask(breaks: Breaks) -> tuple[str, int]:
    """What the change would break, and the same form again for whoever wants it nevertheless."""
    g.session.rollback()
    plan = planning.load(g.session, breaks.plan_id)
    kept = {name: value for name, value in request.form.items() if name != "csrf_token"}
    page = render_template(
        "plans/confirm.html",
        plan=plan,
        broken=breaches.sentences(plan, breaks.broken),
        fields=kept | {"knowingly": "1"},
    )
    return page, breaks.status


@appointments.errorhandler(Conflict)
def lost(conflict: Conflict) -> tuple[str, int]:
    """Somebody was faster: nothing was changed, and one can look again from here."""
    asked = request.view_args or {}
    page = render_template(
        "plans/lost.html",
        sentence=problems.sentence(conflict),
        plan_id=asked.get("plan_id"),
        appointment_id=asked.get("appointment_id"),
        search=False,
    )
    return page, conflict.status
