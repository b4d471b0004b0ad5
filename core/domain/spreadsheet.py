"""Texts that a spreadsheet must not run."""

_STARTS = ("=", "+", "-", "@", "\t", "\r")


def guard_formula(cell: object) -> object:
    """A cell of a CSV file, with an apostrophe before a text that a spreadsheet would run as a formula.

    Names and comments may come from anywhere (OWASP, CSV injection). What is a number stays one.

    >>> guard_formula("=1+1"), guard_formula("+4.5"), guard_formula(-2), guard_formula("lung")
    ("'=1+1", '+4.5', -2, 'lung')
    """
    if not isinstance(cell, str) or not cell.startswith(_STARTS):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
