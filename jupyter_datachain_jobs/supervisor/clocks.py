"""The two clocks that every event carries, and what tells one boot and one PID namespace from another.

Wall time is for people; durations come from the boot clock, which goes on during suspend and which nobody sets back.
"""

import os
import time

# macOS has no CLOCK_BOOTTIME: there durations leave out the time asleep.
_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def wall_us() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000


def boot_ns() -> int:
    """Nanoseconds since the machine started."""
    return time.clock_gettime_ns(_BOOT)


def boot_id() -> str:
    """Names this run of the machine; empty where the system has no such thing."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def pid_namespace() -> int:
    """The inode of this process's PID namespace (a pid means something only together with it), 0 where unknown."""
    try:
        return os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        return 0
