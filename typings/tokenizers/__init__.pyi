"""The part of tokenizers that the tests use; `make test-qwen` compares it with the real one."""

from tokenizers import pre_tokenizers as pre_tokenizers
