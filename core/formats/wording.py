"""Numbers in sentences, and sentences in the list of problems."""

from collections.abc import Sequence

from core.domain.scan import Problem

_STEP = "Look at the file, correct or remove it, and scan again."


def say_count(number: int, one: str, many: str = "") -> str:
    """A number and its noun.

    >>> say_count(1, "mask"), say_count(2, "mask"), say_count(1, "mask holds", "masks hold")
    ('1 mask', '2 masks', '1 mask holds')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def describe_unknown(value: str, files: Sequence[str]) -> Problem:
    """The line of the problem list about a value of masks that is no known class.

    >>> describe_unknown("value 9", ["a.png", "b.png"]).problem
    'value 9 occurs in 2 files, this one for example, but is no known class'

    Args:
        value: `value 9` or `colour #ff0000`.
        files: Those that hold it, at least one.
    """
    where = "this file" if len(files) == 1 else f"{len(files):,} files, this one for example,"
    text = f"{value} occurs in {where} but is no known class"
    return Problem(files[0], text, "Name it as a class, or mark it as void.")


def describe_error(file: str, sentence: str) -> Problem:
    """The line of the problem list that the sentence of an error makes.

    >>> line = describe_error("a/b.png", "b.png: the file is empty (0 bytes); copy it again.")
    >>> line.problem, line.next_step
    ('the file is empty (0 bytes)', 'Copy it again.')

    Args:
        file: Relative to the dataset's root; the line begins with it, so the sentence need not.
        sentence: `name: what is wrong; next step.`
    """
    for name in (file, file.rpartition("/")[2]):
        sentence = sentence.removeprefix(f"{name}: ")
    what, _, step = sentence.rpartition("; ")
    return Problem(file, what or sentence.rstrip("."), f"{step[:1].upper()}{step[1:]}" if what else _STEP)
