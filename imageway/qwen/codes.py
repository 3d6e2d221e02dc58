"""The closed list of codes, and one table of what follows from each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

Language = Literal["en", "zh"]


class Code(IntEnum):
    """1xxx and 2xxx blame the request, 3xxx the service's state, 4xxx the execution."""

    OK = 0
    PROMPT_MISSING = 1001
    PROMPT_TOO_LONG = 1002
    RATIO = 1003
    BODY = 1900
    API_KEY = 1901
    ORIGIN = 1902
    NEGATIVE_PROMPT = 1904
    ADDRESS = 1905
    KEY_REUSED = 1906
    STEPS = 2001
    GUIDANCE = 2002
    SEED = 2903
    EXTENSION = 2904
    LOADING = 3001
    BUSY = 3002
    CANCELLED = 3901
    UNKNOWN_ID = 3902
    NOT_STARTED = 3903
    STOPPING = 3904
    INFERENCE = 4001
    ENCODING = 4002
    BUG = 4900


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in both languages."""

    en: str
    zh: str

    def said(self, language: Language) -> str:
        """The sentence in one of them."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Row:
    """How HTTP says a code, whether asking again helps, and its usual sentence."""

    status: int
    again: bool
    words: Words


ROW_BY_CODE: Mapping[Code, Row] = {
    Code.OK: Row(200, False, Words("ok", "成功")),
    Code.PROMPT_MISSING: Row(400, False, Words("Prompt cannot be empty", "提示词不能为空")),
    Code.PROMPT_TOO_LONG: Row(
        400, False, Words("Prompt exceeds 512 characters", "提示词超过 512 个字符")
    ),
    Code.RATIO: Row(
        400,
        False,
        Words("aspect_ratio must be one of the supported ratios", "aspect_ratio 不是支持的比例"),
    ),
    Code.BODY: Row(
        400, False, Words("The body must be one JSON object", "请求体必须是一个 JSON 对象")
    ),
    Code.API_KEY: Row(401, False, Words("API key missing or wrong", "缺少 API 密钥或密钥错误")),
    Code.ORIGIN: Row(403, False, Words("Origin or host not allowed", "不允许的来源或主机名")),
    Code.NEGATIVE_PROMPT: Row(
        400,
        False,
        Words(
            "negative_prompt must be a text of at most 512 characters",
            "negative_prompt 必须是不超过 512 个字符的文本",
        ),
    ),
    Code.ADDRESS: Row(404, False, Words("No such path or method", "没有这个路径或方法")),
    Code.KEY_REUSED: Row(
        409,
        False,
        Words(
            "This Idempotency-Key was used for another request",
            "这个 Idempotency-Key 已用于另一个请求",
        ),
    ),
    Code.STEPS: Row(
        400,
        False,
        Words("num_steps must be an integer from 20 to 100", "num_steps 必须是 20 到 100 的整数"),
    ),
    Code.GUIDANCE: Row(
        400,
        False,
        Words("cfg_scale must be a number from 1 to 20", "cfg_scale 必须是 1 到 20 的数字"),
    ),
    Code.SEED: Row(
        400,
        False,
        Words(
            "seed must be an integer from 0 to 9007199254740991, -1 or null",
            "seed 必须是 0 到 9007199254740991 的整数、-1 或 null",
        ),
    ),
    Code.EXTENSION: Row(400, False, Words("A field is invalid", "有一个字段无效")),
    Code.LOADING: Row(
        503, True, Words("The model is still loading, try again later", "模型正在加载，请稍后重试")
    ),
    Code.BUSY: Row(
        503, True, Words("The service is busy, try again later", "服务繁忙，请稍后重试")
    ),
    Code.CANCELLED: Row(409, False, Words("The request was cancelled", "请求已取消")),
    Code.UNKNOWN_ID: Row(404, False, Words("No such request", "没有这个请求")),
    Code.NOT_STARTED: Row(
        503,
        True,
        Words("The request did not start in time, try again later", "请求未能及时开始，请稍后重试"),
    ),
    Code.STOPPING: Row(
        503,
        True,
        Words("The service is stopping, ask another instance", "服务正在停止，请换一个实例"),
    ),
    Code.INFERENCE: Row(500, False, Words("The image could not be generated", "图像生成失败")),
    Code.ENCODING: Row(500, False, Words("The image could not be encoded", "图像编码失败")),
    Code.BUG: Row(500, False, Words("A bug in the service", "服务内部错误")),
}
