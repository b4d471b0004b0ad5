"""Reviews from the outside: open one, work through its cases, decide, and see what it has come to."""
