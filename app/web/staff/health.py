"""How the product fares, and a way to have what failed tried again."""

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import parts
from app.db import reading
from app.flows.dead_letters import retry_soon
from app.flows.health import EndpointWatch, look_at_health
from app.inbox.failing import DEAD_FROM_ATTEMPTS
from app.kernel.clock import utc_now
from app.web.staff import pages
from app.web.staff.blueprint import blueprint
from app.web.staff.log import log

WATCH = "small_favor_endpoint_watch"
SWEEPS_IN_WORDS = {
    "events": "Events",
    "recent": "Recent objects, nightly",
    "full": "Everything, weekly",
    "backfill": "Taking in the account",
}
DRIFTS_IN_WORDS = {
    "missing": "had never been seen",
    "differs": "differed",
    "unposted": "had no entry in the books",
    "gone": "is gone at Stripe",
}


@blueprint.get("/health")
def health() -> ResponseReturnValue:
    """Show what waits and what failed, and what the last comparisons with Stripe found."""
    watch: EndpointWatch = current_app.extensions.setdefault(WATCH, EndpointWatch())
    endpoint = watch.look(parts())
    with reading(parts().sessions) as session:
        found = look_at_health(session, now=utc_now())
    return render_template(
        "staff/health.html",
        health=found,
        endpoint=endpoint,
        other_account=watch.other_account,
        sweeps_in_words=SWEEPS_IN_WORDS,
        drifts_in_words=DRIFTS_IN_WORDS,
        dead_from=DEAD_FROM_ATTEMPTS,
    )


@blueprint.post("/health/retry/<object_id>")
def health_retry(object_id: str) -> ResponseReturnValue:
    """Have a dead letter tried at once, by a worker."""
    waits = retry_soon(parts(), object_id, now=utc_now())
    log.info("staff_retried", object_id=object_id, waits=waits, staff_id=pages.staff_id())
    if waits:
        flash(f"{object_id} is tried again within seconds.", "info")
    else:
        flash(f"{object_id} does not wait: it came through meanwhile.", "info")
    return redirect(url_for("staff.health"))
