"""What only torch can tell: which devices there are."""

import json
from collections.abc import Callable, Mapping

from core.errors import RunError
from core.workspace.files import write_atomic
from core.workspace.paths import workspace


def run_probe(
    arguments: Mapping[str, str], report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> dict[str, str]:
    """Look for devices, and keep the answer in the workspace as `devices.json`."""
    del arguments, should_stop  # a probe takes no arguments, and is over before anyone could stop it
    report(0, 1, "Asking torch which devices there are")
    try:
        import torch  # seconds to load, and only this job needs it
    except (ImportError, OSError) as error:  # OSError: a library of CUDA that does not load
        raise RunError(f"torch cannot be loaded ({error}); install Counterpoise again with pip.") from error

    names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    memory = [torch.cuda.get_device_properties(i).total_memory for i in range(torch.cuda.device_count())]
    answer = {
        "torch": torch.__version__,
        "cpu_threads": torch.get_num_threads(),
        "gpus": [{"name": name, "bytes": size} for name, size in zip(names, memory, strict=True)],
    }
    write_atomic(workspace().home / "devices.json", json.dumps(answer, indent=2))
    found = (
        f"{len(names)} GPU{'s' if len(names) != 1 else ''}" if names else "No GPU; training will use the CPU"
    )
    return {"message": f"{found}."}
