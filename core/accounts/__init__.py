"""Who is who: local accounts, claims of an identity provider, and the single-user mode."""
