"""The name that an Authorizer is asked about."""

RESOURCE = "datachain-jobs"
