"""Numbers in sentences."""


def say_count(number: int, one: str, many: str = "") -> str:
    """A number and its noun.

    >>> say_count(1, "mask"), say_count(2, "mask"), say_count(1, "mask holds", "masks hold")
    ('1 mask', '2 masks', '1 mask holds')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
