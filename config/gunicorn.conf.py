"""gunicorn: `gunicorn -c config/gunicorn.conf.py wsgi:app`."""

from config.server_logs import ServerLogs
from config.settings import load_settings

settings = load_settings()

bind = f"0.0.0.0:{settings.port}"
workers = settings.web_concurrency
worker_class = "gthread"
threads = 8
timeout = 30
graceful_timeout = 30
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
preload_app = False
accesslog = None  # an access log holds addresses of people
errorlog = "-"
logger_class = ServerLogs
loglevel = "warning"
limit_request_line = 4094
