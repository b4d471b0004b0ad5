"""One more GPU of a run at work: `python -m core.jobs.rank RUN_DIR`, started by the run's own worker."""

import sys
from pathlib import Path

from core.jobs.train import join_run
from core.runs.folder import RunFolder

if __name__ == "__main__":
    join_run(RunFolder(Path(sys.argv[1])))
