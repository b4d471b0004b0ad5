"""Reading datasets: which files belong together, what their masks hold, and how classes are written down."""
