"""What the bridge does by the clock."""

from chassis.jobs import every
from services.erp_bridge.payments.following import follow_erps

# Each connection says how often it is looked at; this is how often we see whose time has come.
JOBS = (every(2, "erp_bridge.follow_erps", run_long=follow_erps, lease_s=300.0),)
