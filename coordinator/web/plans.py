"""Treatment plans: the list, one plan with its ways to be booked, approving, searching, booking, cancelling."""

import secrets

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from coordinator.errors import Conflict
from coordinator.models import PlanState
from coordinator.services import booking, cancelling, finding, holding, plan_pages, planning
from coordinator.web import breaches, forms, metrics, obstacles, phrases, problems
from coordinator.web.permissions import by, coordinators_only, staff_only

plans = Blueprint("plans", __name__)
phrases.register(plans)
HAND_ROWS = 6


def reader() -> int | None:
    """Whose eyes a plan has to be meant for; None: somebody who sees all of them."""
    return None if current_user.coordinates else current_user.practitioner_id or 0


def _to(plan_id: int, part: str | None = None) -> Response:
    return redirect(url_for("plans.show", plan_id=plan_id, _anchor=part), 303)


@plans.get("/plans")
@staff_only
def listed() -> str:
    state = forms.one_of(PlanState, request.args.get("state"))
    found = plan_pages.listed(g.session, state, forms.number(request.args.get("page"), 1), reader=reader())
    return render_template(
        "plans/listed.html",
        found=found,
        state=state,
        states=list(PlanState),
        address=lambda page: url_for("plans.listed", state=state and state.value, page=page),
    )


@plans.get("/plans/<int:plan_id>")
@staff_only
def show(plan_id: int) -> str:
    page = plan_pages.page(g.session, plan_id, reader=reader(), by=by(), now=g.now)
    key = secrets.token_urlsafe(16)
    return render_template(
        "plans/show.html",
        page=page,
        plan=page.plan,
        why=obstacles.obstacles(page),
        broken=breaches.sentences(page.plan, page.broken),
        key=key,
    )


@plans.post("/plans/<int:plan_id>/approve")
@staff_only
def approve(plan_id: int) -> Response:
    """A physician who is signed in approves as themselves; a coordinator says who approved."""
    own = current_user.practitioner_id or 0
    who = forms.number(request.form.get("practitioner_id")) if current_user.coordinates else own
    version = forms.number(request.form.get("version"))
    planning.approve(g.session, plan_id, practitioner_id=who, version=version, by=by(), now=g.now)
    flash(gettext("The plan is approved."))
    return _to(plan_id)


@plans.post("/plans/<int:plan_id>/search")
@coordinators_only
def search(plan_id: int) -> Response:
    seconds = current_app.config["SOLVER_SECONDS"]
    found = finding.find(g.session, plan_id, seconds=seconds, by=by(), now=g.now)
    metrics.searched(found.seconds)
    return _to(plan_id, "found")


@plans.post("/plans/<int:plan_id>/book")
@coordinators_only
def book(plan_id: int) -> Response:
    booked = booking.book(
        g.session,
        forms.number(request.form.get("proposal_id")),
        version=forms.number(request.form.get("version")),
        key=request.form.get("key") or None,
        delay_seconds=current_app.config["NOTICE_DELAY_SECONDS"],
        by=by(),
        now=g.now,
    )
    tasks = sum(each.step.task for each in booked)  # nobody comes for these
    flash(ngettext("%(num)d appointment is booked.", "%(num)d appointments are booked.", len(booked) - tasks))
    if tasks:
        flash(ngettext("%(num)d task has its day.", "%(num)d tasks have their day.", tasks))
    return _to(plan_id)


@plans.post("/plans/<int:plan_id>/hold")
@coordinators_only
def hold(plan_id: int) -> Response:
    version = forms.number(request.form.get("version"))
    proposal_id = forms.number(request.form.get("proposal_id"))
    key = request.form.get("key") or None
    held = holding.hold(g.session, proposal_id, version=version, key=key, by=by(), now=g.now)
    minutes = round((held.expires_at - g.now).total_seconds() / 60)
    said = ngettext("Held for %(num)d minute:", "Held for %(num)d minutes:", minutes)
    flash(f"{said} {gettext('until then nobody else can book these times.')}")
    return _to(plan_id, "found")


@plans.post("/plans/<int:plan_id>/let-go")
@coordinators_only
def let_go(plan_id: int) -> Response:
    holding.let_go(g.session, plan_id, by=by(), now=g.now)
    flash(gettext("Nothing is held any more; others can have these times."))
    return _to(plan_id, "found")


@plans.post("/plans/<int:plan_id>/cancel")
@coordinators_only
def cancel(plan_id: int) -> Response:
    version, delay = forms.number(request.form.get("version")), current_app.config["NOTICE_DELAY_SECONDS"]
    key = request.form.get("key") or None
    cancelling.cancel_plan(
        g.session, plan_id, version=version, key=key, delay_seconds=delay, by=by(), now=g.now
    )
    flash(gettext("The plan is cancelled; whoever was told of it is told so."))
    return _to(plan_id)


@plans.post("/plans/<int:plan_id>/leave-out")
@coordinators_only
def leave_out(plan_id: int) -> Response:
    out, step = request.form.get("out") == "1", request.form.get("step", "")
    version = forms.number(request.form.get("version"))
    planning.leave_out_step(g.session, plan_id, step, out=out, version=version, by=by(), now=g.now)
    said = gettext("The step is left out.") if out else gettext("The step is in the plan again.")
    flash(f"{said} {gettext('A physician approves the plan as it is now.')}")
    return _to(plan_id)


@plans.post("/plans/<int:plan_id>/prefer")
@coordinators_only
def prefer(plan_id: int) -> Response:
    who = forms.optional_number(request.form.get("practitioner_id"))
    version, step = forms.number(request.form.get("version")), request.form.get("step", "")
    planning.prefer(g.session, plan_id, step, practitioner_id=who, version=version, by=by(), now=g.now)
    flash(gettext("The wish is noted; the next search minds it."))
    return _to(plan_id)


@plans.get("/plans/by-hand")
@coordinators_only
def by_hand() -> str:
    """Therapies in their order; ``more`` asks for further lines."""
    choices = plan_pages.by_hand(g.session, forms.number(request.args.get("patient")))
    chosen = [key for key in request.args.getlist("therapy") if key]
    rows = max(HAND_ROWS, len(chosen) + HAND_ROWS // 2)
    title = request.args.get("title", "")
    return render_template("plans/by_hand.html", choices=choices, chosen=chosen, rows=rows, title=title)


@plans.post("/plans/by-hand")
@coordinators_only
def draft_by_hand() -> Response:
    plan = planning.draft_by_hand(
        g.session,
        patient_id=forms.number(request.form.get("patient")),
        title=request.form.get("title", ""),
        therapy_keys=[key for key in request.form.getlist("therapy") if key],
        earliest=forms.day(request.form.get("earliest")),
        locations=request.form.getlist("location") or None,
        by=by(),
        now=g.now,
    )
    return _to(plan.id)


@plans.errorhandler(Conflict)
def lost(conflict: Conflict) -> tuple[str, int]:
    """Somebody was faster: nothing was booked, and the plan can be searched again from here."""
    plan_id = (request.view_args or {}).get("plan_id")
    said = problems.sentence(conflict)
    return render_template(
        "plans/lost.html", sentence=said, plan_id=plan_id, appointment_id=None, search=True
    ), conflict.status
