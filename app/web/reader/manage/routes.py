"""The addresses of the pages for members who sign in."""

from flask import Blueprint

from app.web.reader.manage import address, data, gifts, history, home, mails, sign_in, statements


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
    blueprint.post("/manage/gifts/<uuid:gift_id>/again")(gifts.send_gift_again)
    blueprint.get("/manage/statements")(statements.show_statements)
    blueprint.get("/manage/statements/<int:year>")(statements.show_statement)
    blueprint.get("/manage/address")(address.show_address)
    blueprint.post("/manage/address")(address.send_address)
    blueprint.get("/manage/data")(data.show_data)
    blueprint.post("/manage/data")(data.send_data)
    blueprint.get("/manage/erase")(data.show_erase)
    blueprint.post("/manage/erase")(data.go_erase)
    blueprint.get("/manage/erased")(data.show_erased)
    blueprint.get("/manage/receipts")(history.show_receipts)
    blueprint.get("/manage/receipts/<uuid:receipt_id>.pdf")(history.fetch_receipt)
    blueprint.get("/manage/credit-notes/<uuid:credit_note_id>.pdf")(history.fetch_credit_note)
    blueprint.get("/manage/mails")(mails.show_mails)
    blueprint.post("/manage/mails")(mails.save_mails)
    blueprint.get("/manage/mails/off/<token>")(mails.show_stop_mails)
    blueprint.post("/manage/mails/off/<token>")(mails.stop_mails)
