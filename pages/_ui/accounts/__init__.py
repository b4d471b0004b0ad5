"""Accounts on the Settings page: one's own, the first one, and everybody's."""
