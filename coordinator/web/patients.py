"""Patients: list, record, form, studies, a new plan, their own link."""

from datetime import date

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from coordinator import times
from coordinator.language import clock_time, date_in_words, say
from coordinator.models import Appointment, Patient
from coordinator.notices import links
from coordinator.services import choices, patient_details, planning
from coordinator.services import patients as service
from coordinator.services.typed import Typed, Wrong
from coordinator.web import forms
from coordinator.web.permissions import by, coordinators_only
from coordinator.web.problems import sentence

patients = Blueprint("patients", __name__, url_prefix="/patients")


@patients.get("")
@coordinators_only
def listed() -> str:
    """The list; while somebody types, only its rows are asked for."""
    words = request.args.get("q", "")[:100]
    found = service.find(g.session, words, request.args.get("page", 1, type=int))
    rows_only = request.headers.get("HX-Request") == "true"
    template = "patients/_found.html" if rows_only else "patients/list.html"
    return render_template(template, found=found, words=words)


@patients.get("/<int:patient_id>")
@coordinators_only
def show(patient_id: int) -> str:
    record = service.open_record(g.session, patient_id, by=by(), now=g.now)
    return render_template(
        "patients/record.html",
        record=record,
        patient=record.patient,
        offered=choices.for_patient(g.session, record.patient, now=g.now),
    )


@patients.get("/new")
@coordinators_only
def new() -> str:
    return _form(None, MultiDict(), [])


@patients.post("/new")
@coordinators_only
def add() -> ResponseReturnValue:
    details, wrong = _read(None)
    if details is None:
        return _form(None, request.form, wrong), 422
    patient = service.add(g.session, details, by=by(), now=g.now)
    flash(gettext("The patient is added."))
    return redirect(url_for("patients.show", patient_id=patient.id))


@patients.get("/<int:patient_id>/edit")
@coordinators_only
def edit(patient_id: int) -> str:
    patient = service.one(g.session, patient_id)
    return _form(patient, _as_typed(patient), [])


@patients.post("/<int:patient_id>/edit")
@coordinators_only
def change(patient_id: int) -> ResponseReturnValue:
    patient = service.one(g.session, patient_id)
    details, wrong = _read(patient)
    if details is None:
        return _form(patient, request.form, wrong), 422
    service.change(g.session, patient_id, details, by=by(), now=g.now)
    flash(gettext("The changes are saved."))
    return redirect(url_for("patients.show", patient_id=patient_id))


@patients.post("/<int:patient_id>/studies")
@coordinators_only
def add_study(patient_id: int) -> ResponseReturnValue:
    typed = Typed(request.form)
    offered = choices.for_patient(g.session, now=g.now)
    study, done_on = typed.one_of("study", offered.studies), typed.day("done_on")
    if study is None or done_on is None or done_on > offered.today:
        flash(gettext("Choose the study and write the date on which it was done."), "problem")
    else:
        reviewed = typed.ticked("reviewed")
        service.add_study(g.session, patient_id, study, done_on, reviewed=reviewed, by=by(), now=g.now)
        flash(gettext("The study is on file."))
    return redirect(url_for("patients.show", patient_id=patient_id))


@patients.post("/<int:patient_id>/plans")
@coordinators_only
def start_plan(patient_id: int) -> ResponseReturnValue:
    typed = Typed(request.form)
    pathway_id, earliest = forms.optional_number(request.form.get("pathway")), typed.day("earliest")
    if typed.wrong or not pathway_id:
        flash(gettext("Choose a pathway and the first date that would do."), "problem")
        return redirect(url_for("patients.show", patient_id=patient_id))
    plan = planning.draft_from_pathway(
        g.session, patient_id=patient_id, pathway_id=pathway_id, earliest=earliest, by=by(), now=g.now
    )
    flash(gettext("The plan is drafted. A physician has to approve it before times can be booked."))
    return redirect(url_for("plans.show", plan_id=plan.id))


@patients.get("/<int:patient_id>/link")
@coordinators_only
def link(patient_id: int) -> str:
    """A sheet to print and hand over or post, in the patient's language: what is coming, and the own page."""
    record = service.open_record(g.session, patient_id, by=by(), now=g.now)
    patient = record.patient
    token = links.patient_token(current_app.secret_key, patient.link_key)  # type: ignore[arg-type]
    address = f"{current_app.config['BASE_URL']}/p/{token}"
    sheet = {
        "heading": say(patient.language, "Your appointments"),
        "coming": [_on_paper(each, patient.language) for each in record.coming],
        "what": say(
            patient.language,
            "On this page you see all your appointments, what to do before them and how to get here. "
            "It asks for your date of birth.",
        ),
        "questions": say(patient.language, "Questions? Call us:"),
    }
    return render_template("patients/link.html", patient=patient, address=address, sheet=sheet)


@patients.post("/<int:patient_id>/link")
@coordinators_only
def renew_link(patient_id: int) -> ResponseReturnValue:
    service.renew_link(g.session, patient_id, by=by(), now=g.now)
    flash(gettext("There is a new link; the old ones no longer open."))
    return redirect(url_for("patients.link", patient_id=patient_id))


def _on_paper(appointment: Appointment, language: str) -> str:
    """Time and place, nothing else: a sheet may lie about."""
    location = appointment.location
    begin = times.to_wall(
        appointment.patient_starts_at or appointment.starts_at, times.zone(location.timezone)
    )
    when = f"{date_in_words(begin.date(), language)}, {clock_time(begin, language)}"
    where = (
        say(language, "by phone or video")
        if appointment.step.remote
        else f"{location.name}, {location.address}"
    )
    return f"{when} · {where}"


def _read(patient: Patient | None) -> tuple[patient_details.PatientDetails | None, list[Wrong]]:
    offered = choices.for_patient(g.session, patient, now=g.now)
    lists = dict(request.form.lists())
    return patient_details.read(request.form, lists, offered.allowed(), today=offered.today)


def _form(patient: Patient | None, given: MultiDict[str, str], wrong: list[Wrong]) -> str:
    return render_template(
        "patients/form.html",
        patient=patient,
        given=given,
        wrong={fault.name: sentence(fault) for fault in wrong},
        offered=choices.for_patient(g.session, patient, now=g.now),
        weekdays=times.WEEKDAYS,
    )


def _as_typed(patient: Patient) -> MultiDict[str, str]:
    """A patient's row as its form would send it."""
    plain = ("name", "email", "phone", "address", "language", "interpreter_language")
    carer = ("carer_name", "carer_email", "carer_phone")
    boxes = ("needs_step_free", "needs_transport", "carer_instead")
    given = MultiDict((name, getattr(patient, name) or "") for name in plain + carer)
    given.update({name: "1" for name in boxes if getattr(patient, name)})
    given["birth_date"] = date.isoformat(patient.birth_date)
    given["disclosure"] = patient.disclosure.value if patient.disclosure else ""
    given.setlist("preferred_locations", patient.preferred_locations)
    given.setlist("conditions", patient.conditions)
    for weekday, spans in (patient.can_come or {}).items():
        given[f"can_come_{weekday}"] = ", ".join(spans)
    return given
