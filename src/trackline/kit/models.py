"""Tables of the kit, gathered for Django."""

from trackline.kit.history.models import Change
from trackline.kit.idempotency import IdempotencyKey
from trackline.kit.jobs.models import Job, JobRun
from trackline.kit.records.models import Apart, CustomField, ExternalId, Merge, PicklistValue

__all__ = [
    "Apart",
    "Change",
    "CustomField",
    "ExternalId",
    "IdempotencyKey",
    "Job",
    "JobRun",
    "Merge",
    "PicklistValue",
]
