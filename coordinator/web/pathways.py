"""Pathways: the list, and each one as a picture with its rules and sources."""

from flask import Blueprint, g, render_template
from flask_babel import gettext

from coordinator.files.leaving_out import edges
from coordinator.files.notes import notes
from coordinator.files.pathways import PathwayFile, Step
from coordinator.models import Therapy
from coordinator.services import lists
from coordinator.web.language import spoken
from coordinator.web.pathway_pictures import Box, draw, gap
from coordinator.web.permissions import coordinators_only

pathways = Blueprint("pathways", __name__, url_prefix="/pathways")


@pathways.get("")
@coordinators_only
def listed() -> str:
    return render_template("pathways/list.html", pathways=lists.pathways(g.session))


@pathways.get("/<int:pathway_id>")
@coordinators_only
def show(pathway_id: int) -> str:
    row, document = lists.pathway(g.session, pathway_id)
    known = {therapy.key: therapy for therapy in lists.therapies(g.session)}
    boxes = {step.key: _box(document, step, known) for step in document.steps}
    links = edges(document, ())
    rules = notes(document, document.steps, links, conditions=(), studies=(), on=g.now.date())
    return render_template(
        "pathways/pathway.html",
        row=row,
        document=document,
        boxes=boxes,
        picture=draw(boxes, links),
        links=[(link, gap(link)) for link in links],
        rules=[note.text for note in rules if note.kind != "status"],
        names=lists.capability_names(g.session),
        known=known,
    )


def _box(document: PathwayFile, step: Step, known: dict[str, Therapy]) -> Box:
    therapy = known.get(document.therapy_key(step) or "")
    title = document.title_of(step)
    name = title.in_language(spoken()) if title else (therapy.name[spoken()] if therapy else step.key)
    facts = [gettext("%(minutes)s min", minutes=therapy.minutes) if therapy else gettext("task")]
    if step.series:
        facts.append(gettext("%(count)s times", count=step.series.count))
    if step.optional:
        facts.append(gettext("if decided"))
    if step.only_if:
        facts.append(gettext("for some"))
    return Box(
        key=step.key,
        title=name,
        facts=" · ".join(facts),
        discipline=therapy.discipline if therapy else "",
        optional=step.optional or step.only_if is not None,
    )
