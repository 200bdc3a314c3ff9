"""Tables of the kit, gathered for Django."""

from trackline.kit.history.models import Change
from trackline.kit.idempotency import IdempotencyKey
from trackline.kit.jobs.models import Job, JobRun
from trackline.kit.records.models import CustomField, ExternalId, PicklistValue

__all__ = ["Change", "CustomField", "ExternalId", "IdempotencyKey", "Job", "JobRun", "PicklistValue"]
