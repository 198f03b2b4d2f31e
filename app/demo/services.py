"""Which processes the demo consists of, and what they are told."""

from app.demo import web
from app.demo.folder import ROOT, STAFF_ADDRESS, Folder, Keys
from app.demo.household import Child, Household
from app.demo.ports import HOST, Ports

STAFF_NAME = "Cleo Marsh"
NEWSROOM_FILE = ROOT / "config" / "newsroom.toml"
WEB_PROCESSES = 2


def product_variables(folder: Folder, keys: Keys, ports: Ports, *, mail_from: str) -> dict[str, str]:
    """Return the product's environment, complete: the same names a deployer sets."""
    return {
        "SECRET_KEY": keys.secret_key,
        "VAULT_KEY": keys.vault_key,
        "DATABASE_URL": f"sqlite:///{folder.database}",
        "STRIPE_SECRET_KEY": keys.stripe_secret_key,
        "STRIPE_WEBHOOK_SECRET": keys.webhook_secret,
        "STRIPE_API_BASE": ports.stripe_url,
        "PUBLIC_BASE_URL": ports.product_url,
        "SMTP_URL": f"smtp://{HOST}:{ports.smtp}",
        "MAIL_FROM": mail_from,
        "NEWSROOM_FILE": str(NEWSROOM_FILE),
        "PORT": str(ports.product),
        "WEB_CONCURRENCY": str(WEB_PROCESSES),
    }


def start_surroundings(household: Household, folder: Folder, ports: Ports, *, now: str | None) -> None:
    """Start the local Stripe and the mail catcher; `now` sets the clock of a new Stripe."""
    clock = ("--now", now) if now else ()
    household.start(
        "local Stripe", "app.simulator", "--port", str(ports.stripe), "--state", str(folder.stripe), *clock
    )
    household.start(
        "mail catcher", "app.demo.mailbox", "--port", str(ports.mailbox), "--smtp-port", str(ports.smtp),
        "--folder", str(folder.top), "--product", ports.product_url, "--stripe", ports.stripe_url,
    )  # fmt: skip


def migrate(household: Household) -> None:
    """Bring the database up to date."""
    household.run("flask db upgrade", *_flask("db", "upgrade"))


def create_staff(household: Household, keys: Keys) -> None:
    """Make the account that the demo prints."""
    about = ("--name", STAFF_NAME, "--password-stdin", "--totp-secret", keys.totp_secret)
    household.run(
        "flask staff create",
        *_flask("staff", "create", STAFF_ADDRESS, *about),
        typed=f"{keys.staff_password}\n",
    )


def start_product(household: Household, ports: Ports) -> None:
    """Start the web server and the worker, as in production but on this machine's own address."""
    configuration = str(ROOT / "config" / "gunicorn.conf.py")
    household.start(
        "web server", "gunicorn", "-c", configuration, "--bind", f"{HOST}:{ports.product}", "wsgi:app"
    )
    start_worker(household, "worker")


def start_worker(household: Household, name: str) -> Child:
    """Start one worker; any number of them share the work."""
    return household.start(name, *_flask("worker"))


def wait_for_surroundings(household: Household, ports: Ports) -> None:
    """Wait until the local Stripe and the mail catcher answer."""
    clock = f"{ports.stripe_url}/_sim/clock"
    household.wait_until(lambda: web.answers(clock), what="The local Stripe")
    household.wait_until(lambda: web.answers(ports.mailbox_url), what="The mail catcher")


def wait_for_product(household: Household, ports: Ports) -> None:
    """Wait until the product says that it is ready."""
    household.wait_until(lambda: web.answers(f"{ports.product_url}/readyz"), what="The web server")


def _flask(*words: str) -> tuple[str, ...]:
    return ("flask", "--app", "wsgi", *words)
