"""What each route does: functions from a checked `Request` to a body. No HTTP here."""
