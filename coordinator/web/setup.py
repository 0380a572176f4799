"""Set-up: lists of what the clinic has. They are changed by importing files."""

from typing import Any

from flask import Blueprint, current_app, g, render_template, request

from coordinator.services import feeds as service
from coordinator.services import lists
from coordinator.web import deeds, feeds
from coordinator.web.permissions import administrators_only, coordinators_only

setup = Blueprint("setup", __name__, url_prefix="/setup")
deeds.register(setup)


@setup.get("")
@coordinators_only
def show() -> str:
    return render_template("setup/overview.html", clinic=lists.clinic(g.session))


@setup.get("/locations")
@coordinators_only
def locations() -> str:
    return render_template(
        "setup/locations.html", locations=lists.locations(g.session), **_addresses("location")
    )


@setup.get("/staff")
@coordinators_only
def staff() -> str:
    places = lists.location_names(g.session)
    return render_template("setup/staff.html", staff=lists.staff(g.session), places=places)


@setup.get("/rooms")
@coordinators_only
def rooms() -> str:
    return render_template(
        "setup/rooms.html",
        resources=lists.rooms_and_devices(g.session),
        groups=lists.groups(g.session),
        places=lists.location_names(g.session),
        **_addresses("resource"),
    )


def _addresses(kind: str) -> dict[str, Any]:
    """What a page shows of calendar addresses: which there are, and the one that was just made."""
    return {
        "feeds_since": service.since(g.session, kind),
        "new_tokens": feeds.new_tokens(kind),
        "base_url": current_app.config["BASE_URL"],
    }


@setup.get("/therapies")
@coordinators_only
def therapies() -> str:
    names = lists.capability_names(g.session)
    return render_template("setup/therapies.html", therapies=lists.therapies(g.session), names=names)


@setup.get("/trail")
@administrators_only
def trail() -> str:
    page = lists.trail(g.session, request.args.get("page", 1, type=int))
    return render_template("setup/trail.html", page=page)
