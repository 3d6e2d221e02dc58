"""CivitAI's accounts: tokens, purses of Buzz with every debit and credit, purchases, trials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

from pydantic import JsonValue

from imageway.emulators.civitai_query import token_of
from imageway.emulators.heard import Heard

Wallet = Literal["blue", "green", "yellow", "fakeRed"]
# The order in which Buzz is spent where a request names no wallets.
USUAL_WALLETS: Sequence[Wallet] = ("blue", "green", "yellow")
GENERATION, DOWNLOAD = 1, 2
ALL_SCOPES = 33_554_431
USER_READ, SERVICES_WRITE = 1, 32_768


@dataclass(frozen=True, slots=True)
class Transaction:
    """One line of an account's ledger."""

    kind: Literal["debit", "credit"]
    amount: int
    wallet: Wallet
    id: str = field(default_factory=lambda: str(uuid4()))

    def told(self) -> dict[str, JsonValue]:
        """The line as a workflow shows it."""
        return {
            "type": self.kind,
            "amount": self.amount,
            "id": self.id,
            "accountType": self.wallet,
        }


@dataclass(slots=True, eq=False)
class User:
    """One account; access is a mask by version, trials count what was used."""

    id: int
    name: str
    token: str
    tier: str = "free"
    status: Literal["active", "muted", "banned"] = "active"
    is_moderator: bool = False
    scopes: int = ALL_SCOPES
    wallets: dict[Wallet, int] = field(default_factory=lambda: dict[Wallet, int]())
    access: dict[int, int] = field(default_factory=dict[int, int])
    trials: dict[int, int] = field(default_factory=dict[int, int])
    ledger: list[Transaction] = field(default_factory=list[Transaction])

    def split(self, amount: int, wallets: Iterable[Wallet]) -> list[Transaction] | None:
        """The debits that would pay so much, one for each wallet used; None without the money."""
        lines: list[Transaction] = []
        for wallet in wallets:
            share = min(self.wallets.get(wallet, 0), amount)
            if share > 0:
                lines.append(Transaction("debit", share, wallet))
                amount -= share
        return lines if amount <= 0 else None

    def debit(self, lines: Iterable[Transaction]) -> None:
        """Take Buzz."""
        for line in lines:
            self.wallets[line.wallet] -= line.amount
            self.ledger.append(line)

    def credit(self, amount: int, lines: Iterable[Transaction]) -> list[Transaction]:
        """Give Buzz back, to the wallets it came from, the last one first."""
        given: list[Transaction] = []
        for line in reversed([*lines]):
            share = min(line.amount, amount)
            if share > 0:
                given.append(Transaction("credit", share, line.wallet))
                self.wallets[line.wallet] += share
                amount -= share
        self.ledger.extend(given)
        return given

    @property
    def spent(self) -> int:
        """Debits minus credits."""
        signs: Mapping[str, int] = {"debit": 1, "credit": -1}
        return sum(signs[line.kind] * line.amount for line in self.ledger)

    def me(self) -> dict[str, JsonValue]:
        """The answer of /me; there is no balance in it."""
        is_member = self.tier != "free"
        told: dict[str, JsonValue] = {
            "id": self.id,
            "username": self.name,
            "tier": self.tier,
            "status": self.status,
            "isMember": is_member,
            "subscriptions": ["yellow"] if is_member else [],
            "tokenScope": self.scopes,
            "buzzLimit": None,
            "subject": {"type": "apiKey", "id": "77"},
        }
        if self.scopes & USER_READ:
            told |= {"email": f"{self.name}@example.org", "emailVerified": True}
        return told


class People:
    """Everybody who has an account."""

    def __init__(self, users: Iterable[User]) -> None:
        self._users = {user.id: user for user in users}

    def __getitem__(self, user_id: int) -> User:
        return self._users[user_id]

    def get(self, user_id: int | None) -> User | None:
        """An account by its id."""
        return None if user_id is None else self._users.get(user_id)

    def add(self, user: User) -> User:
        """Open an account."""
        self._users[user.id] = user
        return user

    def who(self, heard: Heard) -> User | None:
        """Whose token a request carries; an unknown one is nobody's, and so is a banned one's."""
        token = token_of(heard)
        found = (user for user in self._users.values() if user.token == token)
        return next((user for user in found if user.status != "banned"), None)
