"""The orchestrator's words for samplers and schedules."""

from __future__ import annotations

# Of textToImage steps.
SCHEDULERS = (
    "eulerA",
    "euler",
    "lms",
    "heun",
    "dpM2",
    "dpM2A",
    "dpM2SA",
    "dpM2M",
    "dpmsde",
    "dpmFast",
    "dpmAdaptive",
    "lmsKarras",
    "dpM2Karras",
    "dpM2AKarras",
    "dpM2SAKarras",
    "dpM2MKarras",
    "dpmsdeKarras",
    "ddim",
    "plms",
    "uniPC",
    "undefined",
    "lcm",
    "ddpm",
    "deis",
    "dpM3MSDE",
)
# Of the sdcpp engines.
METHODS = (
    "euler",
    "heun",
    "dpm2",
    "dpm++2s_a",
    "dpm++2m",
    "dpm++2mv2",
    "ipndm",
    "ipndm_v",
    "ddim_trailing",
    "euler_a",
    "lcm",
    "res_multistep",
    "res_2s",
    "tcd",
    "er_sde",
)
SCHEDULES = (
    "simple",
    "discrete",
    "karras",
    "exponential",
    "ays",
    "bong_tangent",
    "gits",
    "sgm_uniform",
    "smoothstep",
    "kl_optimal",
    "lcm",
)
