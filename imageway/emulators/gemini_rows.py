"""A row for each way in which Google fails, by the fault that a script asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from imageway.emulators.faults import Fault
from imageway.emulators.gemini_errors import DEVELOPER, VERTEX, Detail, Row, detail, error_info

LIMITS = "https://ai.google.dev/gemini-api/docs/rate-limits"


def _help(text: str, url: str) -> Detail:
    return detail("Help", links=[{"description": text, "url": url}])


def _violation(quota: str, value: str, model: str) -> Detail:
    return detail(
        "QuotaFailure",
        violations=[
            {
                "quotaMetric": f"{DEVELOPER}/generate_requests_per_model",
                "quotaId": quota,
                "quotaDimensions": {"model": model, "location": "global"},
                "quotaValue": value,
            }
        ],
    )


BAD_KEY = Row(
    400,
    "INVALID_ARGUMENT",
    "API key not valid. Please pass a valid API key.",
    (
        error_info("API_KEY_INVALID", service=DEVELOPER),
        detail(
            "LocalizedMessage",
            locale="en-US",
            message="API key not valid. Please pass a valid API key.",
        ),
    ),
)
NO_KEY = Row(
    403,
    "PERMISSION_DENIED",
    "Method doesn't allow unregistered callers (callers without established identity). Please"
    " use API Key or other form of API consumer identity to call this API.",
)
BAD_TOKEN = Row(
    401,
    "UNAUTHENTICATED",
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie"
    " or other valid authentication credential. See"
    " https://developers.google.com/identity/sign-in/web/devconsole-project.",
    (error_info("ACCESS_TOKEN_EXPIRED", service=VERTEX),),
)
QUOTA_WORDS = (
    "You exceeded your current quota, please check your plan and billing details. For more"
    f" information on this error, head to: {LIMITS}.\n* Quota exceeded for metric:"
    f" {DEVELOPER}/generate_requests_per_model, limit: LIMIT, model: {{model}}\n"
    "Please retry in {wait}s."
)
TOO_LARGE = Row(413, "INVALID_ARGUMENT", "Request payload size exceeds the limit.")
UNREADABLE = Row(400, "INVALID_ARGUMENT", "Invalid JSON payload received. Expected a value.\n^", ())


def _quota(quota: str, limit: str) -> Row:
    message = QUOTA_WORDS.replace("LIMIT", limit)
    details = (_violation(quota, limit, "gemini-3.1-flash-image"), _help("Quotas", LIMITS))
    return Row(429, "RESOURCE_EXHAUSTED", message, details)


def _denied(message: str, reason: str, domain: str = "googleapis.com") -> Row:
    return Row(403, "PERMISSION_DENIED", message, (error_info(reason, domain),))


PER_MINUTE = _quota("GenerateRequestsPerMinutePerProjectPerModel", "10")
VERTEX_LIMITED = Row(
    429,
    "RESOURCE_EXHAUSTED",
    "Resource exhausted. Please try again later. Please refer to https://cloud.google.com/"
    "vertex-ai/generative-ai/docs/error-code-429 for more details.",
)
SERVICE = "Generative Language API has not been used in project 4711 before or it is disabled."

# The first row of each is its usual one; the others are chosen by a script's `variant`.
ROWS_BY_FAULT: Mapping[Fault, Mapping[str, Row]] = {
    Fault.RATE_LIMITED: {
        "quota": PER_MINUTE,
        "vertex": VERTEX_LIMITED,
        "legacy": Row(
            429,
            "RESOURCE_EXHAUSTED",
            f"Quota exceeded for quota metric 'Generate Content API requests' and limit 'Requests"
            f" per minute' of service '{DEVELOPER}' for consumer 'project_number:4711'.",
            (error_info("RATE_LIMIT_EXCEEDED", quota_limit="RequestsPerMinutePerProject"),),
        ),
    },
    Fault.QUOTA: {
        "credits": Row(
            429,
            "RESOURCE_EXHAUSTED",
            "Your prepayment credits are depleted. Please go to AI Studio to manage your project"
            " and billing.",
        ),
        "per_day": _quota("GenerateRequestsPerDayPerProjectPerModel", "250"),
        "no_free_tier": _quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "0"),
        "billing": Row(
            400,
            "FAILED_PRECONDITION",
            "Gemini API free tier is not available in your country. Please enable billing on your"
            " project in Google AI Studio.",
        ),
        "imagen_billing": Row(
            400,
            "INVALID_ARGUMENT",
            "Imagen API is only accessible to billed users at this time.",
        ),
    },
    Fault.UNAVAILABLE: {
        "overloaded": Row(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
        "demand": Row(
            503,
            "UNAVAILABLE",
            "This model is currently experiencing high demand. Spikes in demand are usually"
            " temporary. Please try again later.",
        ),
        "service": Row(503, "UNAVAILABLE", "The service is currently unavailable."),
    },
    Fault.BAD_KEY: {
        "invalid": BAD_KEY,
        "expired": replace(
            BAD_KEY,
            message="API key expired. Please renew the API key.",
            details=(error_info("API_KEY_INVALID", service=DEVELOPER),),
        ),
        "missing": NO_KEY,
        "token": BAD_TOKEN,
    },
    Fault.REGION: {
        "images": Row(
            400,
            "FAILED_PRECONDITION",
            "Image generation is not available in your country.",
        ),
        "user": Row(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
    },
    Fault.FORBIDDEN: {
        "disabled": Row(
            403,
            "PERMISSION_DENIED",
            f"{SERVICE} Enable it by visiting"
            " https://console.developers.google.com/apis/api/generativelanguage.googleapis.com/"
            "overview?project=4711 then retry.",
            (
                _help(
                    "Google developers console API activation", "https://console.cloud.google.com"
                ),
                error_info("SERVICE_DISABLED", service=DEVELOPER, consumer="projects/4711"),
            ),
        ),
        "blocked": _denied(
            f"Requests to this API {DEVELOPER} method google.ai.generativelanguage.v1beta."
            "GenerativeService.GenerateContent are blocked.",
            "API_KEY_SERVICE_BLOCKED",
        ),
        "leaked": Row(
            403,
            "PERMISSION_DENIED",
            "Your API key was reported as leaked. Please use another API key.",
        ),
        "iam": _denied(
            "Permission 'aiplatform.endpoints.predict' denied on resource"
            " '//aiplatform.googleapis.com/projects/p/locations/global/publishers/google/models/"
            "{model}' (or it may not exist).",
            "IAM_PERMISSION_DENIED",
            VERTEX,
        ),
    },
    Fault.SERVER_ERROR: {
        "internal": Row(
            500,
            "INTERNAL",
            "An internal error has occurred. Please retry or report in"
            " https://developers.generativeai.google/guide/troubleshooting",
        ),
        "deadline": Row(
            504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."
        ),
        "cancelled": Row(
            499,
            "CANCELLED",
            "The operation was cancelled.",
            (detail("DebugInfo", detail="[ORIGINAL ERROR] generic::cancelled"),),
        ),
    },
}
