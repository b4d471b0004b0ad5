"""The base of every spec."""

from pydantic import BaseModel, ConfigDict


class FrozenModel(BaseModel):
    """An immutable, strict value that survives a JSON round trip."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
