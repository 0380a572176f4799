"""A practitioner's day and week, with the calendar address to subscribe to: one's own, or for coordinators anyone's."""

from datetime import timedelta

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from coordinator.errors import NotAllowed, NotFound
from coordinator.services import days as service
from coordinator.services.feeds import Subject
from coordinator.web import feeds, forms
from coordinator.web.permissions import by, staff_only

days = Blueprint("days", __name__)


def _whose(practitioner_id: int | None) -> int:
    """Whose page it is: one's own where nobody is named. Raises NotAllowed, NotFound."""
    own: int | None = current_user.practitioner_id
    if practitioner_id not in (None, own) and not current_user.coordinates:
        raise NotAllowed("Your account cannot open this page.")
    found = own if practitioner_id is None else practitioner_id
    if found is None:
        raise NotFound("This account belongs to no practitioner, so it has no day of its own.")
    return found


@days.get("/my/day")
@days.get("/practitioners/<int:practitioner_id>/day")
@staff_only
def mine(practitioner_id: int | None = None) -> str:
    whose = _whose(practitioner_id)
    page = service.day(g.session, whose, forms.day(request.args.get("day")), by=by(), now=g.now)
    return render_template(
        "days/day.html",
        page=page,
        whose=practitioner_id,
        step=timedelta(days=1),
        hall=request.args.get("copy") == "hall",
        token=feeds.new_token(Subject("resource", whose)),
        base_url=current_app.config["BASE_URL"],
        now=g.now,
    )


@days.get("/my/week")
@days.get("/practitioners/<int:practitioner_id>/week")
@staff_only
def week(practitioner_id: int | None = None) -> str:
    day = forms.day(request.args.get("day"))
    pages = service.week(g.session, _whose(practitioner_id), day, by=by(), now=g.now)
    return render_template("days/week.html", pages=pages, whose=practitioner_id, step=timedelta(days=7))


@days.post("/my/feed")
@days.post("/practitioners/<int:practitioner_id>/feed")
@staff_only
def open_feed(practitioner_id: int | None = None) -> Response:
    """Make a new calendar address; it is shown once, on the next page."""
    whose = _whose(practitioner_id)
    feeds.make(Subject("resource", whose))
    return redirect(url_for("days.mine", practitioner_id=practitioner_id, _anchor="feed"), 303)


@days.post("/my/feed/end")
@days.post("/practitioners/<int:practitioner_id>/feed/end")
@staff_only
def end_feed(practitioner_id: int | None = None) -> Response:
    feeds.end(Subject("resource", _whose(practitioner_id)))
    return redirect(url_for("days.mine", practitioner_id=practitioner_id, _anchor="feed"), 303)
