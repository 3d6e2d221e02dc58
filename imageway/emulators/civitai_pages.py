"""Models and versions as the site's REST API shows them, in the words of three eras."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import JsonValue

from imageway.emulators.civitai_catalogue import DAY, Found, Model, Tier, Version, hashes
from imageway.emulators.civitai_facts import Facts
from imageway.emulators.civitai_rights import Rights

Json = dict[str, JsonValue]
IMAGE = "https://image.civitai.com/xAbCdEfGhIjK/1f0c4a52-0000-4000-8000-6b7c8d9e0f11"


def date(moment: float, digits: int = 3) -> str:
    """A moment as the site writes it; the orchestrator writes seven digits."""
    text = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return f"{text}0"[: 20 + digits] + "Z"


class Pages:
    """What the site shows of its catalogue."""

    def __init__(self, rights: Rights) -> None:
        self._rights = rights

    def version(self, found: Found, facts: Facts, origin: str) -> Json:
        """The answer of /model-versions/:id."""
        model, version = found.model, found.version
        return {
            **self._either(version, origin),
            "modelId": model.id,
            "status": "Published" if version.is_published else "Draft",
            "trainedWords": [],
            "baseModelType": "Standard",
            "description": None,
            "uploadType": "Created",
            "usageControl": version.usage,
            "licensingFee": None,
            "air": found.air,
            "model": {"name": model.name, "type": model.type, "nsfw": False, "poi": False},
            **self._marks(version, facts, listed=False),
        }

    def model(self, model: Model, facts: Facts, origin: str) -> Json:
        """The answer of /models/:id, and an item of /models."""
        shown = [v for v in model.versions if v.is_published and not v.is_private]
        return {
            "id": model.id,
            "name": model.name,
            "description": None,
            "type": model.type,
            "nsfw": False,
            "nsfwLevel": model.level,
            "availability": "Public",
            "supportsGeneration": any(version.is_covered for version in shown),
            "stats": {"downloadCount": None, "thumbsUpCount": 310},
            "creator": {"username": "lamplighter", "image": None},
            "tags": ["city"],
            "modelVersions": [
                {
                    **self._either(version, origin),
                    "index": place,
                    "supportsGeneration": version.is_covered,
                    **self._marks(version, facts, listed=True),
                }
                for place, version in enumerate(shown)
            ],
        }

    def _either(self, version: Version, origin: str) -> Json:
        link = f"{origin}/api/download/models/{version.id}"
        size = 6_775_430.0
        return {
            "id": version.id,
            "name": version.name,
            "nsfwLevel": 1,
            "createdAt": date(version.published_at),
            "publishedAt": date(version.published_at) if version.is_published else None,
            "baseModel": version.base,
            "stats": {"downloadCount": 12, "thumbsUpCount": 3},
            "files": [
                {
                    "id": version.id + 100_000,
                    "name": f"{version.id}.safetensors",
                    "type": "Model",
                    "sizeKB": size,
                    "hashes": {**hashes(version)},
                    "downloadUrl": link,
                    "primary": True,
                }
            ],
            "images": [{"url": f"{IMAGE}/{version.id}.jpeg", "nsfwLevel": 1, "type": "image"}],
            "downloadUrl": link,
        }

    def _marks(self, version: Version, facts: Facts, *, listed: bool) -> Json:
        """How a gate shows itself; each era has its own way."""
        match facts.era:
            case 0:
                return self._first_marks(version, facts)
            case 1:
                return self._second_marks(version, facts, listed=listed)
            case 2:
                return self._third_marks(version, facts, listed=listed)

    def _first_marks(self, version: Version, facts: Facts) -> Json:
        end = self._end(version, facts)
        days = 0 if version.gate is None else 14
        marks: Json = {"earlyAccessTimeFrame": days}
        return marks if end is None else {**marks, "earlyAccessDeadline": end}

    def _second_marks(self, version: Version, facts: Facts, *, listed: bool) -> Json:
        gated = self._rights.is_gated(version)
        private = "Private" if version.is_private else "Public"
        marks: Json = {"availability": "EarlyAccess" if gated else private}
        if listed:
            return marks
        return {
            **marks,
            "earlyAccessEndsAt": self._end(version, facts),
            "earlyAccessConfig": _config(version) if gated else None,
        }

    def _third_marks(self, version: Version, facts: Facts, *, listed: bool) -> Json:
        gated = self._rights.is_gated(version)
        end = self._end(version, facts)
        paid: Json | None = {"permanent": end is None, "endsAt": end} if gated else None
        marks: Json = {"paidAccess": paid}
        if not listed:
            return marks
        timed: Json = {"earlyAccessDeadline": end} if gated and end is not None else {}
        return {**marks, "availability": "Public", **timed}

    def _end(self, version: Version, facts: Facts) -> str | None:
        if version.gate is None or version.gate.ends_at is None:
            return None
        return "soon" if facts.bad_dates else date(version.gate.ends_at)

    def mini(self, found: Found, facts: Facts, can_generate: bool, origin: str) -> Json:
        """The answer of /model-versions/mini/:id."""
        model, version = found.model, found.version
        return {
            "air": found.air,
            "versionName": version.name,
            "modelName": model.name,
            "baseModel": version.base,
            "availability": self._availability(version, facts),
            "publishedAt": date(version.published_at),
            "size": 6_775_430.0,
            "fileType": "Model",
            "fileName": f"{version.id}.safetensors",
            "hashes": {**hashes(version)},
            "downloadUrls": [f"{origin}/api/download/models/{version.id}"],
            "format": "SafeTensor",
            "canGenerate": can_generate,
            "isFeatured": False,
            "requireAuth": False,
            "additionalResourceCharge": False,
            "minor": False,
            "sfwOnly": False,
            **self._permission(version, facts),
            **self._newer(model, version, facts),
        }

    def _availability(self, version: Version, facts: Facts) -> str:
        if version.is_private:
            return "Private"
        gated = self._rights.is_gated(version)
        return "EarlyAccess" if facts.era == 1 and gated else "Public"

    def _permission(self, version: Version, facts: Facts) -> Json:
        if not facts.mini_tells_gates:
            return {}
        needed = self._rights.needs_permission(version)
        if not needed:
            return {"checkPermission": False}
        trials = version.gate.trials if version.gate is not None else None
        return {
            "checkPermission": True,
            "earlyAccessEndsAt": self._end(version, facts),
            "freeTrialLimit": trials,
        }

    def _newer(self, model: Model, version: Version, facts: Facts) -> Json:
        if not facts.new_mini:
            return {}
        fees: list[JsonValue] = []
        if version.fee:
            fees.append({"role": "version", "amount": version.fee, "type": "perImageBuzz"})
        return {"userId": model.owner, "fees": fees, "payoutEnabled": bool(fees)}

    def resource(self, found: Found, facts: Facts, can_generate: bool, origin: str) -> Json:
        """What the orchestrator tells of a resource: its copy of `mini`."""
        mini = self.mini(found, facts, can_generate, origin)
        kept = ("air", "size", "hashes", "downloadUrls", "canGenerate", "requireAuth")
        gate = ("checkPermission", "earlyAccessEndsAt", "freeTrialLimit")
        told = {name: mini[name] for name in (*kept, *gate) if name in mini}
        return {**told, "fileFormat": "safeTensor", "hasMatureContentRestriction": False}


def _config(version: Version) -> Json | None:
    """The terms of a gate, which the second era showed to everybody."""
    gate = version.gate
    if gate is None:
        return None
    tier = gate.generation if isinstance(gate.generation, Tier) else None
    days = 15 if gate.ends_at is None else round((gate.ends_at - version.published_at) / DAY)
    return {
        "timeframe": days,
        "chargeForDownload": True,
        "downloadPrice": gate.download_price,
        "chargeForGeneration": tier is not None,
        "generationPrice": gate.price if tier is not None else None,
        "generationTrialLimit": gate.trials,
        "donationGoalEnabled": False,
        "originalPublishedAt": date(version.published_at),
        "freeGeneration": gate.generation == "free",
    }
