"""A request → what is sent: the route, the fields, and for an edit the form."""

from __future__ import annotations

from dataclasses import dataclass, field

from imageway.adapters.openai.claims import known_model
from imageway.adapters.openai.clashes import fitted
from imageway.adapters.openai.extras import read_extras
from imageway.adapters.openai.inputs import files
from imageway.adapters.openai.models import answers_in_base64
from imageway.adapters.openai.profiles import Profile
from imageway.adapters.openai.wire import Body, OpenAIBody, OtherBody, text_parts
from imageway.core.capability import Capabilities
from imageway.core.options import Option
from imageway.core.outgoing import CallOptions, FormPart
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.size import Size


@dataclass(frozen=True, slots=True)
class Asking:
    """One call to the Images API; with a form it is an edit."""

    body: Body
    form: tuple[FormPart, ...] = field(default=(), repr=False)

    @property
    def route(self) -> str:
        """Where it goes, below the base URL."""
        return "/images/edits" if self.form else "/images/generations"

    @property
    def payload(self) -> CallOptions:
        """What Http is to send."""
        return {"form": (*text_parts(self.body), *self.form)} if self.form else {"send": self.body}


async def asking(request: ImageRequest, run: Run, profile: Profile, can: Capabilities) -> Asking:
    """What is sent for this request; raises where the vendor would only refuse it."""
    extras = read_extras(request, run.provider, profile, known_model(request.model, profile))
    request = fitted(request, run)
    streams = bool(request.previews) and Option.PREVIEWS in can.options
    fields: dict[str, object] = {
        "model": request.model,
        "prompt": request.prompt,
        **({"n": request.count} if request.count > 1 else {}),
        **_wishes(request, profile, can),
        **extras,
        **({"stream": True, "partial_images": request.previews} if streams else {}),
    }
    is_edit = bool(request.references) and profile.edits
    return Asking(
        body=_body(fields, profile),
        form=tuple(await files(request, profile)) if is_edit else (),
    )


def _wishes(request: ImageRequest, profile: Profile, can: Capabilities) -> dict[str, object]:
    """The wishes that are claimed, under the names that the server has for them."""
    return {
        profile.parameters[option]: str(value) if isinstance(value, Size) else value
        for option, value in request.wishes.items()
        if option in can.options and option in profile.parameters
    }


def _body(fields: dict[str, object], profile: Profile) -> Body:
    if not profile.any_extras:
        return OpenAIBody.model_validate(fields)
    if not answers_in_base64(str(fields["model"])) and profile.response_format is not None:
        fields["response_format"] = profile.response_format
    return OtherBody.model_validate(fields)
