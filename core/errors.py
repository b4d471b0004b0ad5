"""The one error tree: every error that a person can cause or meet.

A message says what happened, where, what the rule is, and the next step. Pages show it in place, the command
line prints it on stderr; neither ever shows a trace.
"""


class AppError(Exception):
    """Anything that a person can cause or meet; `str(error)` is a sentence fit to show."""


class DatasetError(AppError):
    """A dataset cannot be opened, understood or described as asked."""


class MaskError(DatasetError):
    """A mask or image file cannot be read as what it is said to be."""


class UnsafeFileError(DatasetError):
    """A file is refused before it is read: a decompression bomb, or a link that leaves the dataset."""


class TargetError(AppError):
    """A target vector or a balancing setting breaks a rule."""


class InfeasibleError(TargetError):
    """No whole number of copies can satisfy the bounds (size, caps, floors) together."""


class SplitError(AppError):
    """A dataset cannot be split as asked, or a split puts what belongs together on both sides."""


class PlanError(AppError):
    """A balance plan cannot be read, written or applied."""


class RunError(AppError):
    """A background run cannot be started, found or read."""


class TrainingError(AppError):
    """A model cannot be built or trained as asked."""


class RecipeError(AppError):
    """A recipe is unknown, or a setting of it breaks a rule."""


class ModelError(AppError):
    """A network cannot be built as asked, or its weights cannot be had."""


class ReviewError(AppError):
    """A review, a worklist or a decision cannot be opened or stored as asked."""


class AccessError(AppError):
    """Nobody is signed in, sign-in failed, or a person may not do what they asked."""


class WorkspaceError(AppError):
    """The workspace cannot be read or written."""


class CancelledError(AppError):
    """A person asked for the work to stop, and it stopped."""


class WindowError(AppError):
    """The app cannot be served, or its window cannot be opened."""
