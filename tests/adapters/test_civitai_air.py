"""AIRs by their grammar, and everything else that names a resource."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imageway.adapters.civitai.air import Air, Broken, read_air, root_of
from imageway.adapters.civitai.naming import read_name
from imageway.core.errors import ImagewayError

# As the vendor's own parser reads them, but for the last three: there a format is none, and the
# server's pattern takes a digest.
READ = {
    "urn:air:sdxl:checkpoint:civitai:101055@128078": Air(
        "civitai", "101055", "128078", "sdxl", "checkpoint"
    ),
    "civitai:101055@128078": Air("civitai", "101055", "128078"),
    "air:sdxl:lora:civitai:1@2": Air("civitai", "1", "2", "sdxl", "lora"),
    "urn:air:sdxl:checkpoint:civitai:827184@2514310+2402203": Air(
        "civitai", "827184", "2514310", "sdxl", "checkpoint", "+2402203"
    ),
    "urn:air:flux1:lora:orchestrator:JOB1@file.safetensors": Air(
        "orchestrator", "JOB1", "file.safetensors", "flux1", "lora"
    ),
    "urn:air:sdxl:model:huggingface:org/name@main": Air(
        "huggingface", "org/name", "main", "sdxl", "model"
    ),
    "URN:AIR:SDXL:CHECKPOINT:CIVITAI:1@2": Air("civitai", "1", "2", "sdxl", "checkpoint"),
    "urn:air:sdxl:checkpoint:civitai:101055": Air("civitai", "101055", None, "sdxl", "checkpoint"),
    "urn:air:sdxl:checkpoint:civitai:101055@128078.safetensor": Air(
        "civitai", "101055", "128078", "sdxl", "checkpoint"
    ),
    "urn:air:sdxl:checkpoint:civitai:1@2+3.ckpt": Air(
        "civitai", "1", "2", "sdxl", "checkpoint", "+3"
    ),
    "urn:air:oci:image:ghcr:civitai/x@sha256:abc": Air(
        "ghcr", "civitai/x", "sha256:abc", "oci", "image"
    ),
}


@pytest.mark.parametrize("text", READ)
def test_an_air_is_read_by_its_grammar(text: str) -> None:
    assert read_air(text) == READ[text]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "101055@128078",
        "urn:air:",
        "urn:air:sdxl:checkpoint:civitai:1@",
        "a:b:c:d:e:f",
    ],
)
def test_what_is_no_air_is_broken(text: str) -> None:
    with pytest.raises(Broken):
        read_air(text)


WORDS = st.sampled_from(["sdxl", "sd1", "flux1", "pony", "lora", "checkpoint", "embedding"])
NUMBERS = st.integers(1, 10**9).map(str)


@given(WORDS, WORDS, NUMBERS, NUMBERS, st.one_of(st.just(""), NUMBERS.map(lambda n: f"+{n}")))
def test_an_air_that_is_written_is_read_again(
    ecosystem: str, kind: str, model: str, version: str, suffix: str
) -> None:
    air = Air("civitai", model, version, ecosystem, kind, suffix)
    assert read_air(str(air)) == air


@given(st.text(max_size=80))
def test_any_text_is_an_air_or_broken(text: str) -> None:
    with suppress(Broken):
        read_air(text)


@pytest.mark.parametrize(
    ("ecosystem", "root"),
    [("Pony", "sdxl"), ("illustrious", "sdxl"), ("sd15", "sd1"), ("flux2klein_4b", "flux2")],
)
def test_a_child_belongs_to_its_root(ecosystem: str, root: str) -> None:
    assert root_of(ecosystem) == root


@pytest.mark.parametrize(
    ("text", "version", "model"),
    [
        ("128078", 128078, None),
        (" 101055@128078 ", 128078, None),
        ("urn:air:sdxl:checkpoint:civitai:101055@128078", 128078, 101055),
        ("https://civitai.com/models/101055", None, 101055),
        ("https://civitai.com/models/101055/sd-xl?modelVersionId=128078", 128078, 101055),
        ("https://www.civitai.com/models/101055/sd-xl/", None, 101055),
        ("https://civitai.red/models/101055", None, 101055),
        ("http://127.0.0.1:8790/models/101055", None, 101055),
        ("https://civitai.com/api/download/models/128078?type=Model", 128078, None),
    ],
)
def test_a_name_is_an_air_a_number_or_an_address(
    text: str, version: int | None, model: int | None
) -> None:
    name = read_name(text, "model", ("127.0.0.1",))
    assert (name.version_id, name.model_id) == (version, model)


@given(st.text(max_size=120))
def test_any_text_names_something_or_is_refused(text: str) -> None:
    with suppress(ImagewayError):
        read_name(text, "model")
