"""What the gateway does by the clock."""

from chassis.jobs import every
from gateway.identity.sign_ins.actions import forget_old_sign_ins

JOBS = (every(3600, "gateway.forget_old_sign_ins", forget_old_sign_ins),)
