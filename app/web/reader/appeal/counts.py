"""Takes the counts that the script sends, from any site, without knowing whose they are."""

from contextlib import suppress

from flask import Response, request

from app.access import parts
from app.appeals.counting import Counted
from app.flows.count_appeal import Telling, count_appeal
from app.flows.limits import TooOftenAsked
from app.kernel.clock import utc_now
from app.web.reader.network import network_of_request
from app.web.reader.typed import known_campaign, known_variant

ASKS_NOT_TO_BE_COUNTED = ("DNT", "Sec-GPC")


def take_count() -> Response:
    """Count one showing or one step to the form; the answer is the same whether it was counted or not.

    Where a browser asks not to be tracked the script sends none, and none that came all the same is counted.
    """
    what = request.form.get("what", "")
    variant = known_variant(request.form.get("variant", ""), parts().newsroom)
    asked_not_to = any(request.headers.get(name) == "1" for name in ASKS_NOT_TO_BE_COUNTED)
    if what in Counted.__members__ and variant and not asked_not_to:
        campaign, network = known_campaign(request.form.get("campaign", "")), network_of_request()
        told = Telling(what=Counted(what), variant=variant, campaign=campaign, network=network)
        with suppress(TooOftenAsked):
            count_appeal(parts(), told, now=utc_now())
    return Response(status=204, headers={"Cache-Control": "no-store"})
