"""The door to the network that an adapter is handed."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

# Half of the time of `import imageway` would go here, and the demo never opens a connection.
if TYPE_CHECKING:
    from aiohttp import ClientSession


class Http:
    """One provider's connections, opened with the first call and closed with the provider."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    @property
    def session(self) -> ClientSession:
        """The connection pool; made inside the running loop the first time it is needed."""
        if self._session is None:
            from aiohttp import ClientSession

            self._session = ClientSession()
        return self._session

    async def close(self) -> None:
        """Close every connection; closing twice does no harm."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
