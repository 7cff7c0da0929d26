"""What the command line says when something is refused or not ready: what is the matter, what to do."""

from schemas.rejects import RejectReason

_PUBLISH_KEY = "publish this installation's keys with the plan: miyun rules publish"
REFUSED: dict[str, str] = {
    "repeated_command": "this very command was taken before; nothing is left to do",
    "unknown_alert": "the monitor has no such alert (it closed some time ago, or belongs to another log);"
    " look at the open ones: miyun alerts list",
    "empty_comment": "the comment has no text; give one",
    "comment_too_long": "a comment takes 2 kB (some 680 Chinese characters); shorten it",
    "stale_view": "the alert has asked for attention again since this view of it; look at it and repeat:"
    " miyun alerts show {alert}",
    "view_from_the_future": "the database shows a newer alert than this log has: they are not of one log;"
    " run miyun doctor",
    "already_closed": "the alert is closed; nothing is left to do",
    "already_acknowledged": "somebody acknowledged it before; see who: miyun alerts show {alert}",
    "unknown_key": f"the active plan does not hold the key it is signed with; {_PUBLISH_KEY}",
    "key_not_valid": f"the key it is signed with is not valid now; {_PUBLISH_KEY}",
    "bad_signature": f"the signature does not fit the key in the active plan; {_PUBLISH_KEY}",
    "issued_in_future": "it was signed more than a minute after the log's time; check its clock",
    "expired": "it took longer than five minutes to reach the monitor; see miyun status, repeat",
}
"""By ``CommandOutcome.reason``: what is the matter and what to do."""

REJECTED: dict[str, str] = {
    RejectReason.BAD_SIGNATURE: f"{{detail}}; {_PUBLISH_KEY}",
    RejectReason.NO_PLAN: "no plan is active: miyun rules publish",
    RejectReason.UNKNOWN_STATION: "{detail}; the stations of the active plan: miyun rules list",
}
"""By reason of rejection, where there is something to do about it."""

READINESS: dict[str, str] = {
    "not_loaded": "it takes its partitions over and loads their checkpoint; seconds after a start",
    "broker_unreachable": "start the broker (make up), or look at MIYUN_KAFKA_BOOTSTRAP",
    "database_unreachable": "start the database (make up), or look at MIYUN_DATABASE_URL",
    "starting": "it looks at what is stored and at the log; seconds after a start",
    "another_recorder": "another recorder stores this namespace; this one takes over when that one ends",
    "reject_share": "much of the input is not taken: docs/runbooks/reject-share.md",
}
"""By a service's reason against being ready: what it means or what to do."""
