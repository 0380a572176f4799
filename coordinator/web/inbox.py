"""The local inbox as pages, in a demo only: what would have been sent, to look at and to try."""

from pathlib import Path

from flask import Blueprint, Response, current_app, render_template

from coordinator.errors import NotFound
from coordinator.notices import inbox as service
from coordinator.web import frame
from coordinator.web.permissions import coordinators_only

inbox = Blueprint("inbox", __name__)


@inbox.get("/inbox")
@coordinators_only
def listed() -> str:
    return render_template("inbox/list.html", mails=service.received(_folder()))


@inbox.get("/inbox/<name>")
@coordinators_only
def show(name: str) -> str:
    return render_template("inbox/mail.html", mail=service.one(_folder(), name))


@inbox.get("/inbox/<name>.eml")
@coordinators_only
def raw(name: str) -> Response:
    """The mail as it left, for a mail program or a judge."""
    response = Response(service.raw(_folder(), name), content_type="message/rfc822")
    response.headers["Content-Disposition"] = f"attachment; filename={name}.eml"
    return response


def _folder() -> Path:
    clinic = frame.the_clinic()
    if clinic is None or not clinic.is_demo:
        raise NotFound("There is no such page, or it is not meant for you.")
    return Path(current_app.config["FOLDER"]) / "inbox"
