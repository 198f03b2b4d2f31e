"""The addresses of gift memberships."""

from flask import Blueprint

from app.web.reader.gift import claim, give


def add_gift_pages(blueprint: Blueprint) -> None:
    """Add every page of gift memberships."""
    blueprint.get("/support/gift")(give.show_gift_form)
    blueprint.post("/support/gift")(give.send_gift_form)
    blueprint.get("/gift")(claim.show_code_form)
    blueprint.post("/gift")(claim.take_code)
    blueprint.get("/gift/claim/<code>")(claim.show_gift_of_link)
    blueprint.post("/gift/claim")(claim.take_short_code)
    blueprint.get("/gift/confirm/<token>")(claim.show_claim)
    blueprint.post("/gift/confirm/<token>")(claim.press_claim)
    blueprint.get("/gift/card/<token>")(claim.show_card)
