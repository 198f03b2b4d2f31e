"""What gunicorn and flask load: `gunicorn wsgi:app`, `flask --app wsgi …`."""

from app.factory import create_app
from config.settings import load_settings

app = create_app(load_settings())
