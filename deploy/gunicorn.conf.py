"""How gunicorn serves the pages: processes with threads, nothing shared between them but the database."""

import multiprocessing
import os
from typing import Any

from prometheus_client.multiprocess import mark_process_dead

wsgi_app = "wsgi:app"
preload_app = True  # a database that cannot be used is said once, and nothing starts
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", multiprocessing.cpu_count()))
threads = 8
timeout = 60
graceful_timeout = 30
keepalive = 5
worker_tmp_dir = "/dev/shm"
control_socket_disable = True
# An address has keys of patients' links in it: it is written into no log.
accesslog = None


def pre_fork(server: Any, worker: Any) -> None:
    """No process inherits a connection to the database: each makes its own."""
    server.app.wsgi().extensions["engine"].dispose()


def child_exit(server: Any, worker: Any) -> None:
    """What a process that ended has counted stays; what it alone could tell does not."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        mark_process_dead(worker.pid)
