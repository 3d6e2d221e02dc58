"""The embedded default: draws by rules, with no key, no network and no AI."""

from imageway.adapters.demo.adapter import DemoAdapter, DemoConfig

__all__ = ["DemoAdapter", "DemoConfig"]
