"""The desk: what needs a coordinator, each with its next action."""

from flask import Blueprint, current_app, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user

from coordinator.services import answers, errands, receiving
from coordinator.services import desk as service
from coordinator.web.permissions import administrators_only, by, coordinators_only

desk = Blueprint("desk", __name__, url_prefix="/desk")


@desk.app_template_global()
def waiting_behind(endpoint: str) -> int:
    """The number beside an entry of the header: what waits at the desk, or for the physician who looks."""
    if endpoint == "desk.show":
        return service.count(g.session)
    if endpoint == "plans.listed" and not current_user.coordinates:
        return service.count_to_approve(g.session, current_user.practitioner_id)
    return 0


@desk.get("")
@coordinators_only
def show() -> str:
    return render_template("desk/desk.html", desk=service.desk(g.session))


@desk.post("/answers/<int:answer_id>/settle")
@coordinators_only
def settle(answer_id: int) -> ResponseReturnValue:
    answers.settle(g.session, answer_id, by(), g.now)
    flash(gettext("Settled."))
    return redirect(url_for("desk.show"))


@desk.post("/answers/<int:answer_id>/decline")
@coordinators_only
def decline(answer_id: int) -> ResponseReturnValue:
    """The proposed time cannot be offered; the patient is told that the appointment stays."""
    delay = current_app.config["NOTICE_DELAY_SECONDS"]
    answers.decline(g.session, answer_id, delay_seconds=delay, by=by(), now=g.now)
    flash(gettext("The appointment stays, and the patient is told so."))
    return redirect(url_for("desk.show"))


@desk.post("/mails/<int:mail_id>/settle")
@coordinators_only
def settle_mail(mail_id: int) -> ResponseReturnValue:
    receiving.settle(g.session, mail_id, by(), g.now)
    flash(gettext("Settled."))
    return redirect(url_for("desk.show"))


@desk.post("/notices/<int:notice_id>/done")
@coordinators_only
def done(notice_id: int) -> ResponseReturnValue:
    errands.mark_done(g.session, notice_id, by(), g.now)
    flash(gettext("Done; it is off the list."))
    return redirect(url_for("desk.show"))


@desk.post("/notices/<int:notice_id>/retry")
@coordinators_only
def retry(notice_id: int) -> ResponseReturnValue:
    errands.retry(g.session, notice_id, by(), g.now)
    flash(gettext("The message is tried again within a minute."))
    return redirect(url_for("desk.show"))


@desk.post("/notices/retry-all")
@administrators_only
def retry_all() -> ResponseReturnValue:
    """For the one who has mended the mail server: coordinators see to single letters."""
    count = errands.retry_all(g.session, by(), g.now)
    flash(
        ngettext(
            "%(num)s message is tried again within a minute.",
            "%(num)s messages are tried again within a minute.",
            count,
        )
    )
    return redirect(url_for("desk.show"))


@desk.post("/notices/<int:notice_id>/drop")
@coordinators_only
def drop(notice_id: int) -> ResponseReturnValue:
    errands.drop(g.session, notice_id, by(), g.now)
    flash(gettext("The message will not be sent."))
    return redirect(url_for("desk.show"))
