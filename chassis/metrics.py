"""Every metric of the system, in one place. No ids, phones or e-mails in labels; base units; totals: ``_total``."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)

# --- http -------------------------------------------------------------------------------------------------------
http_requests = Counter(
    "relata_http_requests_total", "Requests answered.", ["service", "route", "method", "status_class"]
)
http_seconds = Histogram(
    "relata_http_request_duration_seconds",
    "From the first header to the last byte.",
    ["service", "route"],
    buckets=SECONDS,
)
http_shed = Counter("relata_http_shed_total", "Requests refused because too many were waiting.", ["service"])
http_conflicts = Counter("relata_http_conflicts_total", "Transactions run again after a conflict.", ["service"])
idempotent_replays = Counter("relata_idempotent_replays_total", "Answers given again for a repeated key.", ["service"])
authz_denied = Counter("relata_authz_denied_total", "Requests refused with 401 or 403.", ["service", "route"])

# --- the public door --------------------------------------------------------------------------------------------
door_limited = Counter(
    "relata_door_limited_total", "Requests refused with 429, by the limit that was reached.", ["policy"]
)
door_limits_shared = Gauge("relata_door_limits_shared", "1 while limits are counted together through the cache.")

# --- outbox and relay -------------------------------------------------------------------------------------------
outbox_sent = Counter("relata_outbox_sent_total", "Events handed to the bus and confirmed.", ["service"])
outbox_nacked = Counter("relata_outbox_nacked_total", "Events the bus refused or did not confirm in time.", ["service"])
outbox_returned = Counter("relata_outbox_returned_total", "Events no queue wanted: a binding is missing.", ["service"])
outbox_parked = Counter("relata_outbox_parked_total", "Events given up after repeated returns.", ["service"])
relay_active = Gauge(
    "relata_relay_active",
    "1 while this process sends what comes up; 0 while another holds the lease, or the bus or the database is away.",
    ["service"],
)
outbox_pending = Gauge("relata_outbox_pending_rows", "Events not sent yet (counted to 10,000).", ["service"])
outbox_oldest = Gauge(
    "relata_outbox_oldest_unsent_timestamp_seconds", "When the oldest unsent event happened; 0 when none.", ["service"]
)
outbox_publish = Histogram(
    "relata_outbox_publish_seconds", "A batch, from claim to mark.", ["service"], buckets=SECONDS
)

# --- inbox and reactions ----------------------------------------------------------------------------------------
inbox_handled = Counter("relata_inbox_handled_total", "Pairs of event and reaction finished.", ["consumer"])
inbox_duplicates = Counter("relata_inbox_duplicates_total", "Twins that changed nothing.", ["service"])
inbox_undecodable = Counter("relata_inbox_undecodable_total", "Messages that are no event of ours.", ["service"])
inbox_pending = Gauge(
    "relata_inbox_pending_rows", "Pairs of event and reaction that are due (counted to 10,000).", ["service"]
)
inbox_oldest = Gauge(
    "relata_inbox_oldest_due_timestamp_seconds", "Since when the oldest of them is due; 0 when none.", ["service"]
)
reaction_seconds = Histogram(
    "relata_handler_duration_seconds",
    "One run of a reaction, a batch or a single event.",
    ["consumer"],
    buckets=SECONDS,
)
reaction_failures = Counter(
    "relata_handler_failures_total", "Failed runs by what follows: retry or parked.", ["consumer", "kind"]
)
parked_rows = Gauge("relata_parked_rows", "Events that wait for an operator.", ["service"])
bindings_missing = Gauge("relata_bindings_missing", "Bindings the manifest names and the broker lacks.", ["service"])
worker_consuming = Gauge("relata_worker_consuming", "1 while the worker is connected and consuming.", ["service"])

# --- deliveries and jobs ----------------------------------------------------------------------------------------
delivery_calls = Counter(
    "relata_delivery_calls_total", "Calls to the outside by what came of them.", ["service", "kind", "outcome"]
)
delivery_seconds = Histogram(
    "relata_delivery_call_seconds", "One call to the outside.", ["service", "kind"], buckets=(*SECONDS, 15, 30)
)
deliveries_parked = Gauge(
    "relata_deliveries_parked_rows", "Deliveries that wait for an operator (counted to 10,000).", ["service"]
)
courier_active = Gauge("relata_courier_active", "1 while this process holds the courier's lease.", ["service"])
job_runs = Counter("relata_job_runs_total", "Runs of jobs by how they ended.", ["service", "job", "state"])
