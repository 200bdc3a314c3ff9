"""What writes in the K section mean: cadences, meetings, decisions and actions."""

from trackline.kickoff.services.agendas import prepare_agenda
from trackline.kickoff.services.cadences import (
    defaults_for,
    follow_rhythm,
    keep_ahead,
    kick_off_defaults,
    prepare_cadence,
    schedule_meetings,
)
from trackline.kickoff.services.capture import capture
from trackline.kickoff.services.meetings import complete_meeting, prepare_meeting, set_agenda, take_part, tick
from trackline.kickoff.services.outcomes import prepare_action, prepare_decision
from trackline.kickoff.services.sponsors import prepare_sponsorship

__all__ = [
    "capture",
    "complete_meeting",
    "defaults_for",
    "follow_rhythm",
    "keep_ahead",
    "kick_off_defaults",
    "prepare_action",
    "prepare_agenda",
    "prepare_cadence",
    "prepare_decision",
    "prepare_meeting",
    "prepare_sponsorship",
    "schedule_meetings",
    "set_agenda",
    "take_part",
    "tick",
]
