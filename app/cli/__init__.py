"""Flask commands."""

from flask import Flask

from app.cli import database, demo, doctor, members, report, safety, staff, stripe_asks, vault, worker


def init_app(app: Flask) -> None:
    """Register every command."""
    for group in (database.group, staff.group, stripe_asks.group, safety.group, report.group, members.group):
        app.cli.add_command(group)
    app.cli.add_command(worker.work)
    app.cli.add_command(demo.demo)
    app.cli.add_command(doctor.doctor)
    app.cli.add_command(vault.erase)
