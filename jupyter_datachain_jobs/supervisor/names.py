"""Words that the supervisor shares with whoever starts it or cleans up after it."""

PROTOCOL = 1
"""Version of the spec on stdin, of the files and of the socket's messages."""

MARKER = "DATACHAIN_JOBS_ATTEMPT"
"""Environment variable of every process of a job: `<job>.<attempt>`. Sweeps look for it."""
