"""A patient's own pages: behind their link and birth date, what is booked for them and how they answer."""

from datetime import date, timedelta

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from coordinator.models import Patient, Reply
from coordinator.notices import links
from coordinator.services import answers, visit_calendars, visits
from coordinator.services.trail import PATIENT
from coordinator.web import forms
from coordinator.web.language import speak, spoken
from coordinator.web.limits import failed, limiter

patient_pages = Blueprint("patient_pages", __name__)
OPEN_FOR = timedelta(minutes=30)
OPENED = "patient"
TRIES = "5 per 15 minutes"
EARLIEST_YEAR = 1890


def _link_key(token: str) -> str | None:
    return links.link_key_of(current_app.config["SECRET_KEY"], token)


def _link_tried() -> str:
    """Wrong birth dates are counted for each link."""
    return f"link:{(request.view_args or {}).get('token', '')[:300]}"


def _is_open(link_key: str | None) -> bool:
    """Whether this browser gave the birth date for this link within the last half hour."""
    opened, until = session.get(OPENED, (None, 0))
    return bool(link_key) and opened == link_key and g.now.timestamp() < until


def _patient(token: str) -> Patient:
    """Whose link it is; the page speaks their language. Raises NotFound."""
    patient = visits.patient_of(g.session, _link_key(token))
    speak(patient.language)
    return patient


@patient_pages.get("/p/<token>")
def show(token: str) -> str:
    """Opening the page changes nothing: mail programs open links by themselves."""
    _patient(token)
    link_key = _link_key(token)
    if not _is_open(link_key):
        return render_template("visits/unlock.html", token=token, problem=None, given={})
    page = visits.page(g.session, link_key, now=g.now)
    return render_template("visits/show.html", page=page, token=token, days=_days, today=g.now.date())


def _days(number: int) -> timedelta:
    return timedelta(days=number)


@patient_pages.post("/p/<token>")
@limiter.limit(TRIES, key_func=_link_tried, deduct_when=failed)
def unlock(token: str) -> str | AnyResponse | tuple[str, int]:
    patient = _patient(token)
    link_key = _link_key(token)
    given = {part: request.form.get(part, "").strip()[:4] for part in ("day", "month", "year")}
    birth_date = _typed(given)
    if visits.unlock(g.session, link_key, birth_date, by=PATIENT, now=g.now):
        session[OPENED] = [link_key, (g.now + OPEN_FOR).timestamp()]
        return redirect(url_for("patient_pages.show", token=token), 303)
    speak(patient.language)
    return render_template("visits/unlock.html", token=token, problem=_problem(birth_date), given=given), 422


def _typed(given: dict[str, str]) -> date | None:
    try:
        found = date(int(given["year"]), int(given["month"]), int(given["day"]))
    except ValueError:
        return None
    return found if found.year >= EARLIEST_YEAR else None


def _problem(birth_date: date | None) -> str:
    if birth_date is None:
        return str(lazy_gettext("Enter the birth date as day, month and year, for example 31 3 1958."))
    return str(lazy_gettext("This is not the birth date that we have. Please try again, or call us."))


@patient_pages.post("/p/<token>/answers")
def answer(token: str) -> AnyResponse:
    """One answer to all appointments of a visit."""
    _patient(token)
    link_key = _link_key(token)
    if not _is_open(link_key):
        return redirect(url_for("patient_pages.show", token=token), 303)
    reply = forms.one_of(Reply, request.form.get("reply")) or Reply.OPEN
    chosen = visits.own_uids(g.session, link_key, request.form.getlist("uid"), now=g.now)
    for uid in chosen:
        comment = request.form.get("comment", "")
        answers.answer(g.session, uid, reply=reply, comment=comment, door="page", by=PATIENT, now=g.now)
    return redirect(url_for("patient_pages.show", token=token, said=reply.value), 303)


@patient_pages.get("/p/<token>/visits.ics")
def calendar(token: str) -> AnyResponse:
    _patient(token)
    link_key = _link_key(token)
    if not _is_open(link_key):
        return redirect(url_for("patient_pages.show", token=token), 303)
    written = visit_calendars.calendar(
        g.session,
        link_key,
        spoken(),
        letterhead=current_app.extensions["letterhead"],
        by=PATIENT,
        now=g.now,
    )
    file = {"Content-Disposition": 'attachment; filename="visits.ics"'}
    return Response(written, mimetype="text/calendar", headers=file)


@patient_pages.post("/p/<token>/close")
def close(token: str) -> AnyResponse:
    """For a shared computer: the page asks for the birth date again."""
    session.pop(OPENED, None)
    return redirect(url_for("patient_pages.show", token=token), 303)
