"""Work that is done by itself, at its time: what there is to do, when it is due, and how it went."""

from trackline.kit.jobs.registry import JOBS, PeriodicJob, Stop, Stopped, register

__all__ = ["JOBS", "PeriodicJob", "Stop", "Stopped", "register"]
