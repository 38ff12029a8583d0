"""The part of the server's environment that a job gets."""

from collections.abc import Mapping

# Keys to the server, to the Hub and to its proxy. A script, or a program that it runs, must not act as the server.
_SECRET = frozenset(
    {
        "JUPYTER_TOKEN",
        "JUPYTER_TOKEN_FILE",
        "JUPYTER_PASSWORD",
        "JPY_API_TOKEN",
        "JPY_COOKIE_SECRET",
        "CONFIGPROXY_AUTH_TOKEN",
    }
)
_SECRET_BEGINNINGS = ("JUPYTERHUB_API_", "JUPYTERHUB_OAUTH_", "JUPYTERHUB_CRYPT_", "JUPYTERHUB_COOKIE_")
# What describes the server's or a kernel's own process, and would be wrong or harmful for another.
_PRIVATE = frozenset(
    {
        "JUPYTERHUB_CLIENT_ID",
        "JUPYTERHUB_SERVICE_URL",
        "JUPYTERHUB_ACTIVITY_URL",
        "JUPYTERHUB_ROOT_DIR",
        "JUPYTERHUB_DEFAULT_URL",
        "JUPYTERHUB_SINGLEUSER_APP",
        "JUPYTERHUB_SINGLEUSER_EXTENSION",
        # A prompt at the script's end, where nobody can answer.
        "PYTHONINSPECT",
        # What the shell that started the server was doing.
        "_",
        "OLDPWD",
        "SHLVL",
        # How systemd starts and watches the server: a job that answers for it would confuse both.
        "NOTIFY_SOCKET",
        "LISTEN_FDS",
        "LISTEN_PID",
        "LISTEN_FDNAMES",
        "WATCHDOG_PID",
        "WATCHDOG_USEC",
        # A server that was started inside a job is not part of that job.
        "DATACHAIN_JOB_ID",
        "DATACHAIN_QUERY_PARAMS",
        "DATACHAIN_QUERY_CHUNK_INDEX",
        "DATACHAIN_QUERY_CHUNK_TOTAL",
        "DATACHAIN_IGNORE_CHECKPOINTS",
        "DATACHAIN_SETTINGS_PARALLEL",
        "DATACHAIN_SETTINGS_WORKERS",
        "DATACHAIN_DISTRIBUTED",
    }
)
_PRIVATE_BEGINNINGS = ("JPY_", "KERNEL_", "PYDEVD_", "DATACHAIN_JOBS_")
# Plots into a notebook that is not there.
_KERNEL_BACKENDS = ("module://matplotlib_inline", "module://ipykernel", "inline")


def for_jobs(environ: Mapping[str, str]) -> dict[str, str]:
    """What a job may see of a server's environment.

    Left out are the keys to the server and the Hub, and what describes the server's own process. Everything else
    stays, credentials for storages included: a script runs as it would in the user's terminal.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if name not in _SECRET
        and name not in _PRIVATE
        and not name.startswith(_SECRET_BEGINNINGS)
        and not name.startswith(_PRIVATE_BEGINNINGS)
    }
    if kept.get("MPLBACKEND", "").startswith(_KERNEL_BACKENDS):
        del kept["MPLBACKEND"]
    return kept
