"""The page behind the link in an invite: one appointment's time and place, and what the patient says to it."""

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answered

from coordinator.models import Appointment, AppointmentState, Reply
from coordinator.notices import links, telling
from coordinator.services import answers as service
from coordinator.services.trail import PATIENT
from coordinator.web import language, limits

answers = Blueprint("answers", __name__)

REPLIES = {reply.value: reply for reply in Reply}


def _wrong(response: Response) -> bool:
    return response.status_code >= 400


@answers.get("/a/<token>")
@limits.limiter.limit(limits.TRIES_BY_ADDRESS, deduct_when=_wrong)
def show(token: str) -> str:
    """Changes nothing: mail scanners open links too."""
    return _page("answers/answer.html", token)


@answers.post("/a/<token>")
@limits.limiter.limit(limits.TRIES_BY_ADDRESS)
def give(token: str) -> Answered:
    appointment = _asked(token)
    service.answer(
        g.session,
        appointment.uid,
        reply=REPLIES.get(request.form.get("reply", ""), Reply.OPEN),
        comment=request.form.get("comment", ""),
        sequence=request.form.get("sequence", type=int),
        door="link",
        by=PATIENT,
        now=g.now,
    )
    return redirect(url_for("answers.thanks", token=token), 303)


@answers.get("/a/<token>/thanks")
@limits.limiter.limit(limits.TRIES_BY_ADDRESS, deduct_when=_wrong)
def thanks(token: str) -> str:
    return _page("answers/thanks.html", token)


def _asked(token: str) -> Appointment:
    """The appointment that the link is for, and the page in its patient's language."""
    uid = links.uid_of(current_app.config["SECRET_KEY"], token)
    appointment = service.look(g.session, uid)
    language.speak(appointment.patient.language)
    return appointment


def _page(template: str, token: str) -> str:
    appointment = _asked(token)
    spoken = language.spoken()
    return render_template(
        template,
        token=token,
        location=appointment.location,
        remote=appointment.step.remote,
        reply=appointment.reply.value,
        sequence=appointment.sequence,
        when=telling.when(appointment, spoken),
        when_at_home=telling.when_at_home(appointment, spoken),
        cancelled=appointment.state is AppointmentState.CANCELLED,
        begun=service.has_begun(appointment, g.now),
        longest=service.LONGEST_COMMENT,
    )
