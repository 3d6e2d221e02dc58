"""What splits a text first."""

class ByteLevel:
    @staticmethod
    def alphabet() -> list[str]: ...
