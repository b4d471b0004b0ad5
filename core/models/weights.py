"""The weights that a network starts from: of the hub, or of a file; nothing is ever unpickled blindly."""

import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from core.errors import ModelError
from core.models.encoders import HubFile

State = dict[str, Tensor]

HUB_SECONDS = 4.0
"""How long the hub may take to answer before it counts as out of reach."""

_FILE = "model.safetensors"
_CONFIG = "config.json"
# The hub's own errors derive from those of the HTTP library that it uses, which differs between versions.
_HUB_ERRORS: tuple[type[Exception], ...] = (OSError, *HfHubHTTPError.__bases__)
_READ_ERRORS = (OSError, EOFError, ValueError, RuntimeError, LookupError, TypeError, pickle.UnpicklingError)
_WRAPPERS = ("state_dict", "model_state_dict", "model")  # where checkpoints keep the weights
_HEAD = "segmentation_head."


def fetch_weights(encoder: str, place: HubFile | None) -> Path:
    """The local path of an encoder's published weights, downloaded if they are not yet there.

    Raises:
        ModelError: There are none, or the hub cannot be reached; within a few seconds.
    """
    if place is None:
        raise ModelError(
            f"There are no published pre-trained weights for {encoder}; choose random first weights "
            "(weights=none), a file (weights=FILE), or another encoder."
        )
    try:
        return _download(place, local_only=True)
    except LocalEntryNotFoundError:
        pass  # not downloaded yet
    try:
        # Asks once, with a deadline; the download itself would try six times over half a minute.
        get_hf_file_metadata(
            hf_hub_url(place.repository, _FILE, revision=place.revision), timeout=HUB_SECONDS
        )
        return _download(place, local_only=False)
    except _HUB_ERRORS as error:
        raise ModelError(
            f"The pre-trained weights of {encoder} cannot be had: {constants.ENDPOINT} is out of reach, or "
            f"does not have them ({type(error).__name__}). Start again with random first weights "
            "(weights=none), with a file (weights=FILE), or with a connection."
        ) from error


def _download(place: HubFile, *, local_only: bool) -> Path:
    def get(filename: str) -> str:
        return hf_hub_download(
            place.repository,
            filename,
            revision=place.revision,
            etag_timeout=HUB_SECONDS,
            local_files_only=local_only,
        )

    if place.revision is not None:
        get(_CONFIG)  # smp asks for it as well before it reads the weights
    return Path(get(_FILE))


def read_weights(path: Path) -> State:
    """The tensors of a weights file: safetensors, or a PyTorch file that holds nothing but tensors.

    Raises:
        ModelError: There is no such file, or it is not one of these.
    """
    if not path.is_file():
        raise ModelError(f"There is no weights file {path}; give the path of a .safetensors or PyTorch file.")
    try:
        content = (
            load_file(path)
            if path.suffix == ".safetensors"
            else torch.load(path, map_location="cpu", weights_only=True)
        )
    except (*_READ_ERRORS, SafetensorError) as error:
        raise ModelError(
            f"{path.name} cannot be read as weights ({type(error).__name__}): it is damaged, or holds more "
            "than tensors, which is never run. Save the weights alone, best as .safetensors."
        ) from error
    for name in _WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(name), Mapping):
            content = content[name]
    if not isinstance(content, Mapping) or not all(
        isinstance(name, str) and isinstance(item, Tensor) for name, item in content.items()
    ):
        raise ModelError(f"{path.name} holds no weights by name; save the network's state_dict.")
    return dict(content)


def fits(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor], *, but: tuple[str, ...] = ()) -> bool:
    """Whether a file has all wanted tensors in their shapes, those whose names start with `but` left out."""
    return not _find_missing(state, wanted, but)


def load_weights(network: nn.Module, state: Mapping[str, Tensor], file: str) -> str:
    """Put the weights of a file into a network: into all of it, all but its last layer, or its encoder.

    Returns:
        What was loaded, in words.

    Raises:
        ModelError: The file belongs to another network; the first tensors that do not fit are named.
    """
    own = network.state_dict()
    for cut in _strip_prefixes(state, own):
        if fits(cut, own):
            network.load_state_dict(_merge(cut, own))
            return f"all weights from {file}"
        if fits(cut, own, but=(_HEAD,)):
            network.load_state_dict(_merge(cut, own))
            return f"weights from {file}; the last layer starts anew, as it has other classes"
    encoder = network.get_submodule("encoder")
    for cut in _strip_prefixes(state, encoder.state_dict()):
        if fits(cut, encoder.state_dict()):
            encoder.load_state_dict(_merge(cut, encoder.state_dict()))
            return f"the encoder's weights from {file}"
    missing = _find_missing(state, own, (_HEAD,))
    raise ModelError(
        f"{file} holds the weights of another network: {len(missing)} of {len(own)} tensors are missing or "
        f"have another shape, e.g. {', '.join(missing[:3])}. Choose the architecture, encoder and channels "
        "that it was made with."
    )


def _strip_prefixes(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> Iterator[State]:
    """The weights of a file with their names as wanted: wrappers put `module.` or the like before them."""
    first = next(iter(wanted))
    ends = {name.removesuffix(first) for name in state if name.endswith(first)}
    for prefix in sorted(end for end in ends if end == "" or end.endswith(".")):
        yield {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def _find_missing(
    state: Mapping[str, Tensor], wanted: Mapping[str, Tensor], but: tuple[str, ...]
) -> list[str]:
    # Files of old versions of torch have no counts of batches; nothing depends on them.
    return [
        name
        for name, tensor in wanted.items()
        if not name.startswith(but)
        and not name.endswith(".num_batches_tracked")
        and not _has(state, name, tensor)
    ]


def _merge(state: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> State:
    return {name: state[name] if _has(state, name, tensor) else tensor for name, tensor in own.items()}


def _has(state: Mapping[str, Tensor], name: str, tensor: Tensor) -> bool:
    return name in state and state[name].shape == tensor.shape
