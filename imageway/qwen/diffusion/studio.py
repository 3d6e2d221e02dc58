"""A loaded pipeline at work: one run after the other, and what can be changed between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from diffusers import QwenImagePipeline

from imageway.qwen.diffusion.decoding import LatentDraft
from imageway.qwen.diffusion.denoising import denoise
from imageway.qwen.diffusion.devices import release, taken
from imageway.qwen.diffusion.loading import Loaded
from imageway.qwen.diffusion.placement import Layout, offload
from imageway.qwen.diffusion.quantisation import multiplies_quantised, multiply_quantised
from imageway.qwen.engine import Memory, OnStep, Repair, Task


class Studio:
    """Used by one thread, but for its memory, which anybody may ask."""

    def __init__(self, loaded: Loaded) -> None:
        self.pipe: QwenImagePipeline = loaded.pipe
        self.layout: Layout = loaded.layout
        self.counts: Mapping[str, int] = loaded.counts
        self._change_by_repair: Mapping[Repair, Callable[[], bool]] = {
            Repair.FREE_MEMORY: self._free_memory,
            Repair.TILING: self._tile,
            Repair.OFFLOAD: self._offload,
            Repair.PLAIN_MATMUL: self._multiply_plainly,
        }

    def generate(self, task: Task, on_step: OnStep) -> LatentDraft:
        """Run the model; however that ends, the pipeline is fit for the next run."""
        try:
            return LatentDraft(
                self.pipe, denoise(self.pipe, task, on_step), task.width, task.height
            )
        finally:
            self.pipe.maybe_free_model_hooks()

    def repair(self, repair: Repair) -> bool:
        """Change something, for good; false where it was so already, or cannot be."""
        return self._change_by_repair[repair]()

    def memory(self) -> Memory:
        """How much of the device is taken."""
        return taken(self.layout.device)

    def _free_memory(self) -> bool:
        self.pipe.maybe_free_model_hooks()
        release(self.layout.device)
        return True

    def _tile(self) -> bool:
        if self.pipe.vae.use_tiling:
            return False
        self.pipe.vae.enable_tiling()
        self.layout = replace(self.layout, tiling=True)
        return True

    def _offload(self) -> bool:
        if self.layout.placement != "resident" or self.layout.device.type == "cpu":
            return False
        offload(self.pipe, self.layout.device)
        self.layout = replace(self.layout, placement="model_offload")
        return True

    def _multiply_plainly(self) -> bool:
        if not multiplies_quantised(self.pipe):
            return False
        multiply_quantised(self.pipe, wanted=False)
        return True
