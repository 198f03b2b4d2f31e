"""The addresses of the pages for members who sign in."""

from flask import Blueprint

from app.web.reader.manage import home, sign_in


def add_member_pages(blueprint: Blueprint) -> None:
    """Add every page for members who sign in."""
    blueprint.get("/manage/sign-in")(sign_in.show_sign_in)
    blueprint.post("/manage/sign-in")(sign_in.send_sign_in)
    blueprint.get("/manage/sign-in/code")(sign_in.show_code)
    blueprint.post("/manage/sign-in/code")(sign_in.send_code)
    blueprint.get("/manage/sign-in/<token>")(sign_in.show_link)
    blueprint.post("/manage/sign-in/<token>")(sign_in.use_link)
    blueprint.post("/manage/sign-out")(sign_in.go_out)
    blueprint.get("/manage/signed-out")(sign_in.show_signed_out)
    blueprint.get("/manage")(home.show_home)
