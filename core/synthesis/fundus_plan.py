"""Who is photographed, and which classes each photograph shows: exact counts, plausible company."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.synthesis.fundus_spec import (
    FRESH,
    HAEMORRHAGE,
    HARD_EXUDATE,
    MACULA,
    PIGMENTED,
    SOFT_EXUDATE,
    FundusSpec,
    presence_counts,
)
from core.synthesis.streams import stream

Side = Literal["left", "right"]
# Visits of the left and of the right eye: most people come with both eyes, some come back.
_COURSES: tuple[tuple[int, int], ...] = ((1, 1), (2, 1), (1, 2), (2, 2), (3, 2), (1, 0), (0, 2))
_COURSE_SHARES = (0.18, 0.14, 0.14, 0.26, 0.14, 0.06, 0.08)


@dataclass(frozen=True, slots=True)
class PlannedImage:
    """One photograph: the patient, the eye, and the visit (1, 2, …) at which it was taken."""

    patient: int
    side: Side
    visit: int


@dataclass(frozen=True, slots=True)
class FundusPlan:
    """Everything that is decided before anything is drawn.

    Attributes:
        spec: What was asked for.
        images: The N photographs, those of one patient next to each other.
        presence: `(N, 8)` bool: which of the classes 1..8 the mask of each photograph holds, exactly.
        severity: `(N,)` float, how ill the eye is; about standard normal.
    """

    spec: FundusSpec
    images: tuple[PlannedImage, ...]
    presence: NDArray[np.bool_]
    severity: NDArray[np.float64]

    def stem(self, index: int) -> str:
        """File name of a photograph without its ending: `patient_07_left_1`."""
        image = self.images[index]
        width = max(2, len(str(self.images[-1].patient)))
        return f"patient_{image.patient:0{width}d}_{image.side}_{image.visit}"

    def shows(self, index: int, value: int) -> bool:
        """Whether photograph `index` holds the class with mask value `value` (1..8)."""
        return bool(self.presence[index, value - 1])


def plan_fundus(spec: FundusSpec) -> FundusPlan:
    """Plan patients, eyes, visits and the classes of each photograph.

    Every class occurs in exactly `presence_counts(spec.images)` photographs. Haemorrhages and hard exudates
    come together and are missing from the healthiest eyes; soft exudates mark the sicker ones. Laser
    treatment is given to sick eyes: fresh coagulates at one visit, pigmented ones at later visits of the
    same eye.
    """
    rng = stream(spec.seed, "plan")
    images = _plan_visits(spec.images, rng)
    severity = _compute_severity(images, rng)
    counts = presence_counts(spec.images)
    presence = np.ones((len(images), len(counts)), dtype=np.bool_)
    scores = {
        MACULA: rng.normal(size=len(images)),
        HARD_EXUDATE: severity + 0.3 * rng.normal(size=len(images)),
        SOFT_EXUDATE: severity + 0.9 * rng.normal(size=len(images)),
        HAEMORRHAGE: severity + 0.1 * rng.normal(size=len(images)),
    }
    for value, score in scores.items():
        presence[:, value - 1] = _choose_highest(score, int(counts[value - 1]))
    treated = severity + 0.7 * rng.normal(size=len(images))
    fresh, pigmented = _plan_laser(images, treated, int(counts[FRESH - 1]), int(counts[PIGMENTED - 1]))
    presence[:, FRESH - 1], presence[:, PIGMENTED - 1] = fresh, pigmented
    return FundusPlan(spec=spec, images=images, presence=presence, severity=severity)


def _plan_visits(count: int, rng: np.random.Generator) -> tuple[PlannedImage, ...]:
    images: list[PlannedImage] = []
    patient = 0
    while len(images) < count:
        patient += 1
        left, right = _COURSES[int(rng.choice(len(_COURSES), p=_COURSE_SHARES))]
        images += [PlannedImage(patient, "left", visit) for visit in range(1, left + 1)]
        images += [PlannedImage(patient, "right", visit) for visit in range(1, right + 1)]
    return tuple(images[:count])


def _compute_severity(images: tuple[PlannedImage, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    """Illness is mostly the patient's, partly the eye's, a little the visit's."""
    of_patient = rng.normal(size=images[-1].patient + 1)
    of_eye = rng.normal(size=(images[-1].patient + 1, 2))
    shared = [0.85 * of_patient[i.patient] + 0.45 * of_eye[i.patient, int(i.side == "right")] for i in images]
    return np.asarray(shared) + 0.25 * rng.normal(size=len(images))


def _choose_highest(score: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    return _mark([int(i) for i in np.argsort(-score, kind="stable")[:count]], len(score))


def _plan_laser(
    images: tuple[PlannedImage, ...], score: NDArray[np.float64], fresh_count: int, pigmented_count: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Choose who is seen with fresh and who with pigmented coagulates; both at once only in tiny sets.

    Each is spread over as many patients as possible, so that it can be learnt on some and judged on others.
    At most a third of the pigmented ones are follow-ups of eyes that were seen with fresh ones.
    """
    order = [int(i) for i in np.argsort(-score, kind="stable")]
    eyes = [(image.patient, image.side) for image in images]
    first_visits = [i for i in order if images[i].visit == 1]
    later_visits = [i for i in order if images[i].visit > 1]
    fresh = (_spread(first_visits, images) + later_visits)[:fresh_count]
    fresh_eyes = {eyes[i] for i in fresh}
    follow_ups = [i for i in later_visits if eyes[i] in fresh_eyes and i not in fresh]
    others = _spread([i for i in order if eyes[i] not in fresh_eyes], images)
    third = -(-pigmented_count // 3)
    pigmented = (follow_ups[:third] + others + follow_ups[third:] + fresh)[:pigmented_count]
    return _mark(fresh, len(images)), _mark(pigmented, len(images))


def _spread(order: Sequence[int], images: Sequence[PlannedImage]) -> list[int]:
    """The same photographs, but each patient's first one before any second one."""
    seen: Counter[int] = Counter()
    turns = []
    for index in order:
        turns.append(seen[images[index].patient])
        seen[images[index].patient] += 1
    return [index for _, index in sorted(zip(turns, order, strict=True), key=lambda pair: pair[0])]


def _mark(chosen: Sequence[int], count: int) -> NDArray[np.bool_]:
    marks = np.zeros(count, dtype=np.bool_)
    marks[list(chosen)] = True
    return marks
