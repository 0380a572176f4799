"""All rows; importing this package makes every table known."""

from coordinator.models.accounts import Account, Role
from coordinator.models.answers import Answer
from coordinator.models.appointments import Appointment, AppointmentState, Attendance, Reply
from coordinator.models.audit import AuditLine
from coordinator.models.busy import BusyCalendar, BusyTime
from coordinator.models.claims import Block, Claim, Hold
from coordinator.models.clinic import Clinic
from coordinator.models.deeds import Deed, DeedKind
from coordinator.models.feeds import Feed
from coordinator.models.heartbeats import Heartbeat
from coordinator.models.incoming import IncomingMail, Outcome, Why
from coordinator.models.knocks import Knock
from coordinator.models.locations import Closure, Location
from coordinator.models.notices import Channel, Notice, NoticeKind, NoticeState
from coordinator.models.pathways import Pathway
from coordinator.models.patients import Disclosure, Patient, Study
from coordinator.models.plans import (
    GroupKind,
    PlanGroup,
    PlanLink,
    PlanNote,
    PlanState,
    PlanStep,
    TreatmentPlan,
)
from coordinator.models.proposals import Proposal, Search
from coordinator.models.resources import (
    Absence,
    Capability,
    Device,
    Group,
    HoursException,
    Place,
    Practitioner,
    Resource,
    ResourceKind,
    Room,
    WorkingHours,
    resource_capability,
)
from coordinator.models.therapies import Therapy

__all__ = [
    "Absence",
    "Account",
    "Answer",
    "Appointment",
    "AppointmentState",
    "Attendance",
    "AuditLine",
    "Block",
    "BusyCalendar",
    "BusyTime",
    "Capability",
    "Channel",
    "Claim",
    "Clinic",
    "Closure",
    "Deed",
    "DeedKind",
    "Device",
    "Disclosure",
    "Feed",
    "Group",
    "GroupKind",
    "Heartbeat",
    "Hold",
    "HoursException",
    "IncomingMail",
    "Knock",
    "Location",
    "Notice",
    "NoticeKind",
    "NoticeState",
    "Outcome",
    "Pathway",
    "Patient",
    "Place",
    "PlanGroup",
    "PlanLink",
    "PlanNote",
    "PlanState",
    "PlanStep",
    "Practitioner",
    "Proposal",
    "Reply",
    "Resource",
    "ResourceKind",
    "Role",
    "Room",
    "Search",
    "Study",
    "Therapy",
    "TreatmentPlan",
    "Why",
    "WorkingHours",
    "resource_capability",
]
