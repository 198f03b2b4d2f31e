"""The appeal in a frame, for sites that run no script of others; it needs none itself."""

from flask import Response, render_template, request

from app.access import parts
from app.web.languages import current_language, direction_of
from app.web.reader.appeal.words import words_in
from app.web.reader.typed import known_campaign, known_variant
from app.web.security_headers import FRAMED_ANYWHERE
from config.appeal import MAIN


def show_frame() -> Response:
    """Show the appeal alone, in whatever page frames it.

    Where its own script runs, that takes the place of the form: it picks the variant, and stays away from
    those who closed it or gave, by what the browser keeps for this frame under that site.
    """
    newsroom, language = parts().newsroom, current_language()
    words = words_in(language)
    variant = known_variant(request.args.get("variant", ""), newsroom)
    page = render_template(
        "reader/appeal/frame.html",
        words=words,
        said=words["variants"][variant or MAIN],
        preview=variant,
        campaign=known_campaign(request.args.get("campaign", "")),
        direction=direction_of(language),
    )
    headers = {
        "Content-Security-Policy": FRAMED_ANYWHERE,
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(page, headers=headers)
