"""What the pages share: state, forms, charts, messages."""
