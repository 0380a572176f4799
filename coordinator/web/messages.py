"""The ledger of messages, and what each of them says to its reader."""

from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, current_app, g, render_template, request
from flask_babel import lazy_gettext

from coordinator.models import Channel, NoticeKind, NoticeState
from coordinator.services import ledger as service
from coordinator.services.ledger import Wanted
from coordinator.web import forms
from coordinator.web.permissions import by, coordinators_only

Choice = TypeVar("Choice", bound=StrEnum)

messages = Blueprint("messages", __name__, url_prefix="/messages")

KINDS = {
    NoticeKind.INVITE: lazy_gettext("invite"),
    NoticeKind.UPDATE: lazy_gettext("new time or place"),
    NoticeKind.CANCELLATION: lazy_gettext("cancellation"),
    NoticeKind.DECLINED: lazy_gettext("the time stays"),
    NoticeKind.REMINDER: lazy_gettext("reminder"),
    NoticeKind.PREPARATION: lazy_gettext("how to prepare"),
}
STATES = {
    NoticeState.WAITING: (lazy_gettext("waits"), "amber"),
    NoticeState.SENT: (lazy_gettext("sent"), "green"),
    NoticeState.DROPPED: (lazy_gettext("dropped"), "grey"),
    NoticeState.DEAD: (lazy_gettext("did not get through"), "coral"),
}
CHANNELS = {
    Channel.MAIL: lazy_gettext("mail"),
    Channel.CALL: lazy_gettext("call"),
    Channel.LETTER: lazy_gettext("letter"),
}
WORDS = {"kinds": KINDS, "states": STATES, "channels": CHANNELS}


@messages.get("")
@coordinators_only
def listed() -> str:
    wanted = Wanted(
        words=request.args.get("q", "")[:100],
        state=_one_of(NoticeState, "state"),
        kind=_one_of(NoticeKind, "kind"),
        plan_id=forms.optional_number(request.args.get("plan")),
        appointment_id=forms.optional_number(request.args.get("appointment")),
    )
    page = service.listed(g.session, wanted, request.args.get("page", 1, type=int), by=by(), now=g.now)
    return render_template("messages/list.html", page=page, wanted=wanted, **WORDS)


@messages.get("/<int:notice_id>")
@coordinators_only
def show(notice_id: int) -> str:
    letterhead = current_app.extensions["letterhead"]
    shown = service.preview(g.session, notice_id, letterhead, by=by(), now=g.now)
    return render_template("messages/show.html", shown=shown, notice=shown.entry.notice, **WORDS)


def _one_of(choices: type[Choice], name: str) -> Choice | None:
    """What was chosen, if it is one of these."""
    given = request.args.get(name, "")
    return next((each for each in choices if each.value == given), None)
