"""`/appeal`: the appeal under a sample article, and the lines that put it under any other."""

from dataclasses import dataclass
from datetime import date

from flask import Response, render_template, request

from app.access import parts
from app.web.languages import current_language, language_links
from app.web.reader.typed import known_campaign, known_variant
from app.web.security_headers import FRAMES_OURS
from config.appeal import MAIN

WRITTEN_ON = date(2026, 3, 14)
"""The sample article's day; the harbour and all in it are made up."""


@dataclass(frozen=True, kw_only=True)
class Lines:
    """What a site copies, for one language."""

    code: str
    name: str
    script: str
    frame: str
    link: str


def show_sample() -> Response:
    """Show the appeal as its readers meet it. It is a preview: nothing is counted, and nothing kept."""
    newsroom, language = parts().newsroom, current_language()
    asked = known_variant(request.args.get("variant", ""), newsroom)
    page = render_template(
        "reader/appeal/sample.html",
        variant=asked or MAIN,
        variants=newsroom.appeal.variant_keys,
        campaign=known_campaign(request.args.get("campaign", "")),
        lines=[_lines(choice["code"], choice["name"]) for choice in language_links()],
        any_language=f'<script src="{parts().public_base_url}/appeal.js" async></script>',
        written_on=WRITTEN_ON,
        language=language,
    )
    return Response(page, headers={"Content-Security-Policy": FRAMES_OURS, "Cache-Control": "no-cache"})


def _lines(code: str, name: str) -> Lines:
    base, newsroom = parts().public_base_url, parts().newsroom
    heading = newsroom.appeal.heading[code].replace('"', "&quot;")
    return Lines(
        code=code,
        name=name,
        script=f'<script src="{base}/appeal.js?lang={code}" async></script>',
        frame=f'<iframe src="{base}/appeal/frame?lang={code}" title="{heading}" width="100%" height="760"'
        ' loading="lazy" frameborder="0"></iframe>',
        link=f'<a href="{base}/support?lang={code}">{heading}</a>',
    )
