"""Looking at an installation from outside: what works, what does not, and what to do about it."""

from deploy.doctor.examine import examine

__all__ = ["examine"]
