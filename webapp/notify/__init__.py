"""Sends what operations put in the outbox: at least once, each message with an id of its own."""
