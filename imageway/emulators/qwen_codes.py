"""The Qwen service's codes: status, words in two languages, and the error body around them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Refusal
from imageway.emulators.faults import Fault, Scripted
from imageway.emulators.heard import Heard

NO_EXTRAS: Mapping[str, JsonValue] = {}


@dataclass(frozen=True, slots=True)
class Row:
    """One code, and its usual status and words."""

    status: int
    english: str
    chinese: str


ROW_BY_CODE: Mapping[int, Row] = {
    1001: Row(400, "Prompt cannot be empty", "提示词不能为空"),
    1002: Row(400, "Prompt is longer than 512 characters", "提示词超过 512 个字符"),
    1003: Row(400, "Unsupported aspect_ratio", "不支持的宽高比"),
    1900: Row(400, "The body is not a JSON object", "请求体不是 JSON 对象"),
    1901: Row(401, "The API key is missing or wrong", "API 密钥缺失或错误"),
    1902: Row(403, "This origin or host is not allowed", "不允许该来源或主机"),
    1904: Row(400, "Invalid negative_prompt", "反向提示词无效"),
    2001: Row(400, "num_steps must be from 20 to 100", "num_steps 必须在 20 到 100 之间"),
    2002: Row(400, "cfg_scale must be from 1 to 20", "cfg_scale 必须在 1 到 20 之间"),
    2903: Row(400, "Invalid seed", "随机种子无效"),
    2904: Row(400, "Invalid field", "字段无效"),
    3001: Row(503, "The model is still loading", "模型仍在加载"),
    3002: Row(503, "The queue is full", "队列已满"),
    3901: Row(409, "The request was cancelled", "请求已取消"),
    3902: Row(404, "Unknown request id", "未知的请求编号"),
    3903: Row(503, "Not started within max_wait_seconds", "未能在 max_wait_seconds 内开始"),
    3904: Row(503, "The service is stopping", "服务正在停止"),
    4001: Row(500, "Inference failed", "推理失败"),
    4002: Row(500, "The image could not be encoded", "图像编码失败"),
}
CODE = re.compile(r"[0-9]{4}")
UNHEARD_OF = Row(500, "Something new", "新情况")
# What each fault may mean, the usual one first: a code, or a reason of 4001.
VARIANTS_BY_FAULT: Mapping[Fault, tuple[str, ...]] = {
    Fault.RATE_LIMITED: ("3002", "3903"),
    Fault.UNAVAILABLE: ("3001", "3904"),
    Fault.BAD_KEY: ("1901",),
    Fault.FORBIDDEN: ("1902",),
    Fault.NOT_FOUND: ("3902",),
    Fault.SERVER_ERROR: ("internal", "nan", "oom", "device", "4002"),
}
REASONS = ("nan", "oom", "device", "internal")
OOM_FIXES: tuple[JsonValue, ...] = ("use a smaller size profile", "choose another placement")
# What the service tells to wait for, before it has measured anything.
USUAL_WAIT_BY_CODE: Mapping[int, int] = {3001: 20, 3002: 30}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that went wrong, as the body of an answer or of an event says it."""

    code: int
    status: int
    english: str
    chinese: str
    extras: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    @classmethod
    def of(cls, code: int, extras: Mapping[str, JsonValue] = NO_EXTRAS) -> Problem:
        """A code with what applies to it."""
        row = ROW_BY_CODE.get(code, UNHEARD_OF)
        return cls(code, row.status, row.english, row.chinese, extras)

    def body(self, heard: Heard, request_id: str) -> dict[str, JsonValue]:
        """The error body, in the language that the request prefers."""
        message = self.chinese if prefers_chinese(heard) else self.english
        return {
            "code": self.code,
            "message": message,
            "request_id": request_id,
            **self.extras,
        }

    def answer(self, heard: Heard, request_id: str) -> Answer:
        """The whole answer; OpenAI's paths have OpenAI's envelope."""
        body = self.body(heard, request_id)
        wait = self.extras.get("retry_after")
        headers = {} if wait is None else {"Retry-After": str(wait)}
        if heard.path.startswith("/v1/"):
            return Answer.of_json({"error": self._enveloped(body)}, self.status, headers)
        return Answer.of_json(body, self.status, headers)

    def _enveloped(self, body: Mapping[str, JsonValue]) -> JsonValue:
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        param = body.get("param")
        return {
            "message": body["message"],
            "type": kind,
            "param": param,
            "code": str(self.code),
        }

    def refusal(self, heard: Heard, request_id: str) -> Refusal:
        """The same, to be raised."""
        return Refusal(self.answer(heard, request_id))

    def later(self, seconds: int) -> Problem:
        """The same problem, that will be over after some seconds."""
        return replace(self, extras={**self.extras, "retry_after": seconds})


def prefers_chinese(heard: Heard) -> bool:
    """Whether the first language that a request accepts is Chinese."""
    return (heard.header("Accept-Language") or "").strip().lower().startswith("zh")


def failed(reason: str, num_steps: int = 50, cfg_scale: float = 4.0) -> Problem:
    """4001 for a reason, with the advice that the request's own numbers allow."""
    advice = {
        "nan": _advice_on_numbers(num_steps, cfg_scale),
        "oom": [*OOM_FIXES],
    }.get(reason)
    extras: dict[str, JsonValue] = {"reason": reason}
    if advice:
        extras["suggested_fix"] = advice
    return Problem.of(4001, extras)


def problem_of(scripted: Scripted) -> Problem:
    """A scripted fault in the service's words."""
    variant = scripted.variant or VARIANTS_BY_FAULT[scripted.fault][0]
    problem = failed(variant) if variant in REASONS else Problem.of(int(variant))
    words = scripted.message
    problem = replace(
        problem,
        status=scripted.status or problem.status,
        english=words or problem.english,
        chinese=words or problem.chinese,
    )
    wait = scripted.retry_after or str(USUAL_WAIT_BY_CODE.get(problem.code, ""))
    return problem.later(int(wait)) if wait.isdecimal() else problem


def is_code(variant: str | None) -> bool:
    """Whether it has the form of a code."""
    return variant is not None and CODE.fullmatch(variant) is not None


def _advice_on_numbers(num_steps: int, cfg_scale: float) -> list[JsonValue]:
    fewer = fewer_steps(num_steps)
    advice: list[JsonValue] = [f"reduce num_steps to {fewer}"] if fewer < num_steps else []
    advice.append("try a different seed")
    return [*advice, "lower cfg_scale to 3.5-5"] if cfg_scale > 7 else advice


def fewer_steps(num_steps: int) -> int:
    """A fifth fewer, but never fewer than the contract allows."""
    return max(20, num_steps * 4 // 5)
