"""Google's words for generateContent: what we send is strict, what we read forgives the unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.alias_generators import to_camel, to_snake

Value = TypeVar("Value")
LONGEST_SENTENCE = 2000


class Sent(BaseModel):
    """Something that is sent; a field that is None is left out."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class Blob(Sent):
    """A picture in base64."""

    mime_type: str
    data: str


class FileData(Sent):
    """A picture that was uploaded before."""

    mime_type: str
    file_uri: str


class Part(Sent):
    """One piece of a turn."""

    text: str | None = None
    inline_data: Blob | None = None
    file_data: FileData | None = None


class Turn(Sent):
    """What one side says."""

    role: Literal["user", "model"] = "user"
    parts: tuple[Part, ...]


def _category(text: str) -> str:
    """New ones are added now and then."""
    if not text.startswith("HARM_CATEGORY_"):
        raise ValueError("must be a category of Google's, such as HARM_CATEGORY_HARASSMENT")
    return text


class SafetySetting(Sent):
    """How much of a kind Google lets through."""

    category: Annotated[str, AfterValidator(_category)]
    threshold: Literal[
        "BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_ONLY_HIGH", "BLOCK_NONE", "OFF"
    ]


class OutputOptions(Sent):
    """The format of pictures, which only Vertex and Imagen let one choose."""

    mime_type: str | None = None
    compression_quality: int | None = None


class ImageConfig(Sent):
    """The shape of the picture; all but the first two are for Vertex."""

    aspect_ratio: str | None = None
    image_size: str | None = None
    person_generation: str | None = None
    prominent_people: str | None = None
    image_output_options: OutputOptions | None = None


class ThinkingConfig(Sent):
    """How deeply to think, and whether to show it."""

    thinking_level: str | None = None
    include_thoughts: bool | None = None


class GenerationConfig(Sent):
    """How the picture is made."""

    response_modalities: tuple[str, ...]
    image_config: ImageConfig | None = None
    thinking_config: ThinkingConfig | None = None
    seed: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: float | None = None


class GenerateBody(Sent):
    """The body of generateContent; earlier turns stand before ours, as Google wrote them."""

    contents: tuple[Turn | Mapping[str, JsonValue], ...]
    system_instruction: Turn | None = None
    safety_settings: tuple[SafetySetting, ...] | None = None
    generation_config: GenerationConfig
    tools: tuple[Mapping[str, JsonValue], ...] | None = None
    service_tier: str | None = None
    labels: Mapping[str, str] | None = None


def _either(name: str) -> AliasChoices:
    """Both spellings are right in Google's JSON."""
    return AliasChoices(to_camel(name), to_snake(name))


def _sentence(value: object) -> object:
    """The beginning of a text; nobody reads more of an error, and no pattern must."""
    return value[:LONGEST_SENTENCE] if isinstance(value, str) else None


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> object:
    """What cannot be read is not there: a picture is not lost for a word beside it."""
    try:
        return read(value)
    except ValidationError:
        return None


def listed(value: object) -> object:
    """A list, or an empty one in place of whatever else stands there."""
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]: each item is checked


Sentence = Annotated[str | None, BeforeValidator(_sentence)]
Forgiven = Annotated[Value | None, WrapValidator(_or_none)]


class Read(BaseModel):
    """Something that Google said."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=AliasGenerator(validation_alias=_either)
    )


class SaidBlob(Read):
    """Base64 that should be a picture."""

    data: str


class SaidPart(Read):
    """One piece of an answer; a thought is none of its results."""

    text: Forgiven[str] = None
    inline_data: Forgiven[SaidBlob] = None
    thought: Forgiven[bool] = None


class SaidContent(Read):
    """What the model said; the parts may be missing, null or nonsense."""

    parts: Annotated[list[Forgiven[SaidPart]], BeforeValidator(listed)] = []


class Candidate(Read):
    """One answer, and why it ended."""

    content: Forgiven[SaidContent] = None
    finish_reason: Sentence = None
    finish_message: Sentence = None

    @property
    def parts(self) -> list[SaidPart]:
        """The pieces that can be read."""
        found = self.content.parts if self.content else []
        return [part for part in found if part is not None]


class Feedback(Read):
    """Why a prompt was blocked."""

    block_reason: Sentence = None
    block_reason_message: Sentence = None


class Counted(Read):
    """The tokens of one kind."""

    modality: Sentence = None
    token_count: Forgiven[int] = None


class Usage(Read):
    """The tokens of an answer; the last of a stream counts for all of it."""

    prompt_token_count: Forgiven[int] = None
    total_token_count: Forgiven[int] = None
    candidates_tokens_details: Annotated[list[Forgiven[Counted]], BeforeValidator(listed)] = []
    service_tier: Sentence = None
    traffic_type: Sentence = None


class VendorError(Read):
    """An error as Google's envelope has it; what the details say is in the file on errors."""

    code: Forgiven[int] = None
    message: Sentence = None
    status: Sentence = None
    details: Annotated[list[Forgiven[dict[str, JsonValue]]], BeforeValidator(listed)] = []


class Said(Read):
    """An answer of generateContent, or a fragment of one."""

    candidates: Annotated[list[Forgiven[Candidate]], BeforeValidator(listed)] = []
    prompt_feedback: Forgiven[Feedback] = None
    usage_metadata: Forgiven[Usage] = None
    error: Forgiven[VendorError] = None


class ErrorBody(Read):
    """A refusal."""

    error: Forgiven[VendorError] = None


class ListedModel(Read):
    """One model, as the lists and the looks of both APIs have it."""

    name: str
    display_name: Sentence = None
    supported_generation_methods: Forgiven[list[str]] = None


class ModelPage(Read):
    """One page of models; Vertex calls them publisherModels."""

    models: list[ListedModel] = Field(
        default=[], validation_alias=AliasChoices("models", "publisherModels")
    )
    next_page_token: Sentence = None


class SaidFile(Read):
    """An uploaded file."""

    name: str
    uri: str
    state: Sentence = None


class UploadedFile(Read):
    """The answer to the last step of an upload."""

    file: SaidFile


class Described(Sent):
    """What is said of a file before it comes; these names are snake case with Google's SDK."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    display_name: str
    mime_type: str
    size_bytes: int


class StartUpload(Sent):
    """The first step of an upload."""

    file: Described
