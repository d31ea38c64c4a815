"""A Slack that runs on this machine only."""
