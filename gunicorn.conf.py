"""gunicorn for `make run` and for production: `gunicorn --config gunicorn.conf.py stemportal.wsgi`.

PORT, WEB_CONCURRENCY (processes) and WEB_THREADS (threads a process) come from the environment. It listens on the
loopback interface only: in production a reverse proxy with TLS stands in front (BIND says otherwise, for a container).
"""

import gc
import os
from pathlib import Path

bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# Load the code once, before the processes split: half the start-up work, and shared memory.
preload_app = True
timeout = 60
graceful_timeout = 8
keepalive = 5
# Recycle processes now and then, not all at once, so that a slow leak in any package stays small.
max_requests = 5000
max_requests_jitter = 500
# The heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
accesslog = "-"
access_log_format = '%(t)s %(h)s "%(r)s" %(s)s %(b)s %(M)sms'
control_socket_disable = True


def pre_fork(server, worker):
    """Keep what is loaded by now out of garbage collection, so that its memory stays shared and workers end fast."""
    gc.freeze()
