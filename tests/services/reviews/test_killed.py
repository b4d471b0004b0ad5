"""What a reader saw confirmed outlives a server that is killed in the middle of saving."""

import os
import signal
import subprocess
import sys
from itertools import count

from core.domain.identity import Role, local_identity
from core.reviews.mask_files import digest_mask
from core.reviews.reading import read_corrected, read_decisions
from core.services import accounts, audit
from core.services.reviews import deciding
from core.services.reviews.stores import review_store
from tests.conftest import ROOT
from tests.reviews.sets import CLASSES, ask, begin, draw

PASSWORD = "four plain unrelated words"  # noqa: S105  # of accounts that live as long as a test
CASES = 12


def decide_on_and_on(review: str, token: str) -> None:
    """What a server does for a reader who is quick: know them, decide or correct, say so on a line."""
    for number in count():
        person = accounts.find_person(token)
        assert person is not None
        if number % 4:
            request, mask = ask(f"{number}", "reject", reason="blurred"), None
        else:
            request, mask = ask(f"{number}", "correct"), draw((number // 4 % 6, number // 24 % 8))
        made = deciding.decide(review, number % CASES, person, request, mask)
        print(made.seq, made.token, flush=True)


def test_a_killed_server_keeps_each_confirmed_decision_and_its_mask() -> None:
    accounts.add("Root", PASSWORD, Role.ADMIN, local_identity("test"))
    signed_in = accounts.sign_in("Root", PASSWORD)
    review = begin(review_store(), cases=CASES)
    server = subprocess.Popen(
        [sys.executable, "-m", __name__, review.id, signed_in.token],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    seen = [server.stdout.readline() for _ in range(9)]
    os.kill(server.pid, signal.SIGKILL)
    rest, _ = server.communicate(timeout=60)
    seen += [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    kept = {str(item.seq): item for item in read_decisions(review_store(), review.id)}
    for line in seen:
        seq, token = line.split()
        assert kept[seq].token == token
    assert audit.verify().intact
    assert audit.verify().records == len(kept) + 1
    corrected = [item for item in kept.values() if item.mask_after is not None]
    assert corrected
    for item in corrected:
        assert item.mask_after is not None
        mask = read_corrected(review_store(), review.id, item.position, item.mask_after)
        assert digest_mask(mask, CLASSES) == item.mask_after
    assert accounts.find_person(signed_in.token)


def test_a_reader_who_heard_no_answer_sends_again_and_is_stored_once() -> None:
    review, person = begin(review_store(), cases=CASES), local_identity("ann")
    sent = [deciding.decide(review.id, 0, person, ask("same")).seq for _ in range(2)]
    assert [item.seq for item in read_decisions(review_store(), review.id)] == sent[:1]
    assert sent[0] == sent[1]


if __name__ == "__main__":
    decide_on_and_on(*sys.argv[1:])
