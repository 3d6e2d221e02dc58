"""The part of diffusers that the engine uses; `make test-qwen` compares it with the real one."""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Literal, Protocol, Self, overload

from PIL.Image import Image
from sdnq import SDNQConfig
from torch import Generator, Tensor
from torch import device as _Device
from torch import dtype as _Dtype
from torch.nn import Linear, Module
from transformers import Qwen2_5_VLForConditionalGeneration, Qwen2Tokenizer

_Path = str | PathLike[str]

class _VaeConfig(Protocol):
    z_dim: int
    latents_mean: Sequence[float]
    latents_std: Sequence[float]

class _TransformerConfig(Protocol):
    in_channels: int

class _Decoded(Protocol):
    sample: Tensor

class AutoencoderKLQwenImage(Module):
    config: _VaeConfig
    decoder: Module
    use_tiling: bool
    tile_sample_min_height: int
    tile_sample_min_width: int
    clear_cache: Callable[[], None]
    _feat_map: list[Tensor | None] | None
    _conv_idx: list[int]
    def __init__(
        self,
        base_dim: int = 96,
        z_dim: int = 16,
        dim_mult: list[int] = [1, 2, 4, 4],
        num_res_blocks: int = 2,
        attn_scales: list[float] = [],
        temperal_downsample: list[bool] = [False, True, True],
    ) -> None: ...
    @property
    def dtype(self) -> _Dtype: ...
    @property
    def device(self) -> _Device: ...
    def decode(self, z: Tensor, return_dict: bool = True) -> _Decoded: ...
    def enable_tiling(self) -> None: ...
    def disable_tiling(self) -> None: ...
    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: _Path | None,
        *,
        subfolder: str = ...,
        dtype: _Dtype | None = ...,
        local_files_only: bool = ...,
    ) -> Self: ...
    def save_pretrained(self, save_directory: _Path) -> None: ...

class QwenImageTransformer2DModel(Module):
    proj_out: Linear
    txt_in: Linear
    config: _TransformerConfig
    def __init__(
        self,
        patch_size: int = 2,
        in_channels: int = 64,
        out_channels: int | None = 16,
        num_layers: int = 60,
        attention_head_dim: int = 128,
        num_attention_heads: int = 24,
        joint_attention_dim: int = 3584,
        guidance_embeds: bool = False,
        axes_dims_rope: tuple[int, int, int] = (16, 56, 56),
    ) -> None: ...
    @property
    def dtype(self) -> _Dtype: ...
    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: _Path | None,
        *,
        subfolder: str = ...,
        dtype: _Dtype | None = ...,
        local_files_only: bool = ...,
        quantization_config: SDNQConfig = ...,
    ) -> Self: ...
    def save_pretrained(self, save_directory: _Path) -> None: ...

class FlowMatchEulerDiscreteScheduler:
    sigmas: Tensor
    def __init__(
        self,
        num_train_timesteps: int = 1000,
        shift: float = 1.0,
        use_dynamic_shifting: bool = False,
        base_shift: float | None = 0.5,
        max_shift: float | None = 1.15,
        base_image_seq_len: int | None = 256,
        max_image_seq_len: int | None = 4096,
        invert_sigmas: bool = False,
        shift_terminal: float | None = None,
        use_karras_sigmas: bool | None = False,
        use_exponential_sigmas: bool | None = False,
        use_beta_sigmas: bool | None = False,
        time_shift_type: Literal["exponential", "linear"] = "exponential",
    ) -> None: ...
    def set_timesteps(self, *, sigmas: list[float], mu: float) -> None: ...

class _ImageProcessor(Protocol):
    def postprocess(self, image: Tensor, output_type: Literal["pil"]) -> list[Image]: ...

class _Latents(Protocol):
    images: Tensor

class _Pictures(Protocol):
    images: list[Image]

_OnStepEnd = Callable[[QwenImagePipeline, int, Tensor, Mapping[str, Tensor]], dict[str, Tensor]]

class DiffusionPipeline:
    model_cpu_offload_seq: str | None
    _exclude_from_cpu_offload: list[str]
    @property
    def components(self) -> dict[str, object]: ...
    @property
    def _execution_device(self) -> _Device: ...
    def enable_group_offload(
        self,
        onload_device: _Device,
        offload_device: _Device = ...,
        offload_type: str = "block_level",
        num_blocks_per_group: int | None = None,
        non_blocking: bool = False,
        use_stream: bool = False,
        record_stream: bool = False,
        low_cpu_mem_usage: bool = False,
        offload_to_disk_path: str | None = None,
        exclude_modules: str | list[str] | None = None,
    ) -> None: ...
    def enable_model_cpu_offload(
        self, gpu_id: int | None = None, device: _Device | str | None = None
    ) -> None: ...
    def maybe_free_model_hooks(self) -> None: ...
    def set_progress_bar_config(self, *, disable: bool) -> None: ...
    def to(self, place: _Device | _Dtype | str, /) -> Self: ...
    def save_pretrained(self, save_directory: _Path) -> None: ...

class QwenImagePipeline(DiffusionPipeline):
    text_encoder: Qwen2_5_VLForConditionalGeneration
    tokenizer: Qwen2Tokenizer
    transformer: QwenImageTransformer2DModel
    vae: AutoencoderKLQwenImage
    scheduler: FlowMatchEulerDiscreteScheduler
    image_processor: _ImageProcessor
    vae_scale_factor: int
    def __init__(
        self,
        scheduler: FlowMatchEulerDiscreteScheduler,
        vae: AutoencoderKLQwenImage,
        text_encoder: Qwen2_5_VLForConditionalGeneration,
        tokenizer: Qwen2Tokenizer,
        transformer: QwenImageTransformer2DModel,
    ) -> None: ...
    @overload
    def __call__(
        self,
        prompt: str | None = None,
        negative_prompt: str | None = None,
        true_cfg_scale: float = 4.0,
        height: int | None = None,
        width: int | None = None,
        num_inference_steps: int = 50,
        sigmas: list[float] | None = None,
        guidance_scale: float | None = None,
        num_images_per_prompt: int = 1,
        generator: Generator | None = None,
        latents: Tensor | None = None,
        prompt_embeds: Tensor | None = None,
        prompt_embeds_mask: Tensor | None = None,
        negative_prompt_embeds: Tensor | None = None,
        negative_prompt_embeds_mask: Tensor | None = None,
        output_type: Literal["pil"] = "pil",
        return_dict: bool = True,
        attention_kwargs: None = None,
        callback_on_step_end: _OnStepEnd | None = None,
        callback_on_step_end_tensor_inputs: list[str] = ["latents"],
        max_sequence_length: int = 512,
    ) -> _Pictures: ...
    @overload
    def __call__(
        self,
        prompt: str | None = None,
        negative_prompt: str | None = None,
        true_cfg_scale: float = 4.0,
        height: int | None = None,
        width: int | None = None,
        num_inference_steps: int = 50,
        sigmas: list[float] | None = None,
        guidance_scale: float | None = None,
        num_images_per_prompt: int = 1,
        generator: Generator | None = None,
        latents: Tensor | None = None,
        prompt_embeds: Tensor | None = None,
        prompt_embeds_mask: Tensor | None = None,
        negative_prompt_embeds: Tensor | None = None,
        negative_prompt_embeds_mask: Tensor | None = None,
        *,
        output_type: Literal["latent"],
        return_dict: bool = True,
        attention_kwargs: None = None,
        callback_on_step_end: _OnStepEnd | None = None,
        callback_on_step_end_tensor_inputs: list[str] = ["latents"],
        max_sequence_length: int = 512,
    ) -> _Latents: ...
    def encode_prompt(
        self,
        prompt: str | list[str],
        device: _Device | None = None,
        num_images_per_prompt: int = 1,
        prompt_embeds: Tensor | None = None,
        prompt_embeds_mask: Tensor | None = None,
        max_sequence_length: int = 1024,
    ) -> tuple[Tensor, Tensor | None]: ...
    def prepare_latents(
        self,
        batch_size: int,
        num_channels_latents: int,
        height: int,
        width: int,
        dtype: _Dtype,
        device: _Device,
        generator: Generator,
        latents: Tensor | None = None,
    ) -> Tensor: ...
    @staticmethod
    def _unpack_latents(
        latents: Tensor, height: int, width: int, vae_scale_factor: int
    ) -> Tensor: ...
    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: _Path | None,
        *,
        local_files_only: bool = ...,
        dtype: _Dtype | None = ...,
        vae: AutoencoderKLQwenImage = ...,
        text_encoder: Qwen2_5_VLForConditionalGeneration = ...,
        transformer: QwenImageTransformer2DModel = ...,
    ) -> Self: ...
