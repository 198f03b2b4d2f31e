"""Headers on every answer: nothing is allowed that the page does not need."""

from flask import Flask, Response

from app.access import settings_of

STRIPES_PAGES = "https://checkout.stripe.com https://billing.stripe.com https://invoice.stripe.com"
"""Where our buttons lead by a redirect: to Checkout, to another card, to a payment that wants confirming."""
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        f"form-action 'self' {STRIPES_PAGES}",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
FRAMED_ANYWHERE = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
"""For the one page that is meant to stand in others."""
FRAMES_OURS = f"{POLICY}; frame-src 'self'"
"""For a page that has such a frame in it."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}


def init_app(app: Flask) -> None:
    """Set the headers on every answer that has not set its own."""
    local_stripe = settings_of(app).stripe_api_base
    headers = dict(HEADERS)
    if local_stripe:
        headers["Content-Security-Policy"] = POLICY.replace(STRIPES_PAGES, local_stripe)

    ours = [(name.lower(), (name, value)) for name, value in headers.items()]

    @app.after_request
    def set_headers(response: Response) -> Response:
        # One look through the answer's headers instead of one for each of ours: this runs for every request.
        present = {name.lower() for name, _ in response.headers}
        response.headers.extend([header for name, header in ours if name not in present])
        return response
