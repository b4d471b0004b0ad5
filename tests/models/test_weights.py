"""Weights of the hub, of files, and what is said where they cannot be had."""

import pickle
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub.constants
import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import nn

from core.domain.recipe import ModelSpec
from core.errors import ModelError
from core.models import weights as weights_module
from core.models.building import build_model
from core.models.encoders import find_hub_file
from core.models.weights import read_weights

SMALL = "tu-mobilenetv3_small_050"  # timm's smallest with the usual five stages
SMP_SMALL = "mobilenet_v2"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub, and a hub that refuses every connection."""
    folder = tmp_path / "hub"
    folder.mkdir()
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(folder))
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    return folder


@pytest.fixture
def silent_hub(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A hub that takes the connection and never answers."""
    del cache
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", url)
        monkeypatch.setattr(weights_module, "HUB_SECONDS", 0.5)
        yield


def _put_into_cache(cache: Path, encoder: str, state: dict[str, torch.Tensor]) -> None:
    place = find_hub_file(encoder)
    assert place is not None
    folder = cache / f"models--{place.repository.replace('/', '--')}"
    revision = place.revision or "0" * 40
    snapshot = folder / "snapshots" / revision
    snapshot.mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(revision)
    (snapshot / "config.json").write_text("{}")
    save_file(state, snapshot / "model.safetensors")


def _spec(encoder: str, **others: object) -> ModelSpec:
    return ModelSpec.model_validate({"encoder": encoder, **others})


def _noise(network: nn.Module) -> dict[str, torch.Tensor]:
    """Weights that no initialisation gives."""
    return {
        name: torch.full_like(value, 0.125) if value.is_floating_point() else value
        for name, value in network.state_dict().items()
    }


def _is_noise(network: nn.Module) -> bool:
    return all(bool((item == 0.125).all()) for item in network.parameters())


def test_a_hub_out_of_reach_is_said_at_once(cache: Path) -> None:
    del cache
    start = time.monotonic()
    with pytest.raises(ModelError, match="resnet18 cannot be had.*weights=none.*weights=FILE"):
        build_model(_spec("resnet18", weights="imagenet"), classes=2, channels=3)
    assert time.monotonic() - start < 3


def test_a_silent_hub_is_given_up_after_its_deadline(silent_hub: None) -> None:
    start = time.monotonic()
    with pytest.raises(ModelError, match="cannot be had"):
        build_model(_spec(SMALL, weights="imagenet"), classes=2, channels=3)
    assert time.monotonic() - start < 3


def test_the_offline_switch_is_obeyed(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del cache
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="cannot be had"):
        build_model(_spec("resnet18", weights="imagenet"), classes=2, channels=3)


def test_an_encoder_without_published_weights_says_so() -> None:
    with pytest.raises(ModelError, match="no published pre-trained weights for tu-botnet50ts_256"):
        build_model(_spec("tu-botnet50ts_256", weights="imagenet"), classes=2, channels=3)


def test_downloaded_weights_of_smp_are_used_without_a_connection(cache: Path) -> None:
    encoder = build_model(_spec(SMP_SMALL), classes=2, channels=3).network.encoder
    _put_into_cache(cache, SMP_SMALL, _noise(encoder))
    built = build_model(_spec(SMP_SMALL, weights="imagenet"), classes=2, channels=3)
    assert _is_noise(built.network.encoder)
    assert built.weights == f"imagenet weights of {SMP_SMALL} (smp-hub/mobilenet_v2.imagenet)"


def test_downloaded_weights_of_timm_are_used_without_a_connection(cache: Path) -> None:
    _put_into_cache(cache, SMALL, _noise(timm.create_model(SMALL[3:])))
    for channels in (3, 1):
        built = build_model(_spec(SMALL, weights="imagenet"), classes=2, channels=channels)
        first, *others = built.network.encoder.parameters()
        assert torch.allclose(first, torch.tensor(0.125 * 3 / channels))  # grey: the colours' sum
        assert all(bool((item == 0.125).all()) for item in others)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_a_file_of_the_whole_network_is_loaded(tmp_path: Path, suffix: str) -> None:
    state = _noise(build_model(_spec(SMALL), classes=2, channels=3).network)
    path = tmp_path / f"best{suffix}"
    if suffix == ".pt":  # as Lightning keeps it
        torch.save({"state_dict": {f"network.network.{name}": value for name, value in state.items()}}, path)
    else:
        save_file(state, path)
    built = build_model(_spec(SMALL, weights="file", weights_file=path), classes=2, channels=3)
    assert _is_noise(built.network)
    assert built.weights == f"all weights from {path.name}"


def test_other_classes_keep_all_but_the_last_layer(tmp_path: Path) -> None:
    path = tmp_path / "best.safetensors"
    spec = ModelSpec(architecture="plain-unet", channels=(4, 8))
    save_file(_noise(build_model(spec, classes=2, channels=3).network), path)
    again = spec.model_copy(update={"weights": "file", "weights_file": path})
    built = build_model(again, classes=5, channels=3)
    assert _is_noise(built.network.encoder)
    assert _is_noise(built.network.decoder)
    assert not _is_noise(built.network.segmentation_head)
    assert "last layer starts anew" in built.weights


def test_a_file_of_the_encoder_alone_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "encoder.safetensors"
    save_file(_noise(build_model(_spec(SMP_SMALL), classes=2, channels=3).network.encoder), path)
    built = build_model(_spec(SMP_SMALL, weights="file", weights_file=path), classes=2, channels=3)
    assert _is_noise(built.network.encoder)
    assert built.weights == "the encoder's weights from encoder.safetensors"


def test_a_file_of_timms_own_network_is_loaded_into_the_encoder(tmp_path: Path) -> None:
    path = tmp_path / "timm.safetensors"
    save_file(_noise(timm.create_model(SMALL[3:])), path)
    built = build_model(_spec(SMALL, weights="file", weights_file=path), classes=2, channels=3)
    assert _is_noise(built.network.encoder)


def test_a_file_of_another_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"layer.weight": torch.zeros(3)}, path)
    with pytest.raises(ModelError, match=r"another network: \d+ of \d+ tensors are missing"):
        build_model(_spec(SMALL, weights="file", weights_file=path), classes=2, channels=3)


class _Trap:
    """Code that an ordinary unpickling would run."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("sprung"),))


def test_code_in_a_file_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("zip.pt", "plain.pt"):
        path = tmp_path / name
        if name == "zip.pt":
            torch.save({"state_dict": _Trap()}, path)
        else:
            path.write_bytes(pickle.dumps(_Trap(), protocol=2))
        with pytest.raises(ModelError, match="more than tensors"):
            read_weights(path)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("name", ["empty.pt", "rubbish.pt", "empty.safetensors", "rubbish.safetensors"])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"" if name.startswith("empty") else bytes(range(256)) * 8)
    with pytest.raises(ModelError, match=f"{name} cannot be read as weights"):
        read_weights(path)


def test_a_missing_file_and_one_without_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no weights file"):
        read_weights(tmp_path / "nothing.pt")
    for content in ([torch.zeros(2)], {0: torch.zeros(2)}, {"epoch": 3}):
        torch.save(content, tmp_path / "other.pt")
        with pytest.raises(ModelError, match="no weights by name"):
            read_weights(tmp_path / "other.pt")
