"""The screen: one file a page, and `_ui` for what they share."""
