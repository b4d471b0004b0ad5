"""Reviews: cases, readers, decisions, corrected masks, and the ledger that holds all of it."""
