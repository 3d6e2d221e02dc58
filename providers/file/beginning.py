"""A first plugins.toml, from what was found; what was not stands in it as a comment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imageway.providers.file.discovering import Account, Engine, Found
from imageway.providers.file.schema import FILE_NAME as SCHEMA

HEAD = f"""\
#:schema ./{SCHEMA}
# The providers and routes of this gateway. Save it and ask:
#   imageway check              is this file right, and is anything missing?
#   imageway plan "a red fox"   who would draw, why, at what price; nothing is sent
#   imageway show               every key, with what is in force

schema = 1

[gateway]
listen = "127.0.0.1:8088"       # anything but loopback demands a key, see the end
"""
SECRETS = """
# A secret is never written here: { env = "NAME" }, { file = "PATH" } or { command = ["PROGRAM"] }.
"""
DEMO = """
[providers.demo]                # draws by rules: no key, no network, not AI
adapter = "demo"
cost = "local"
"""
TAIL = """
# A caller's key: `imageway key new family` prints the token once, and what belongs here.
# [keys.family]
# hash = { env = "IMAGEWAY_KEY_FAMILY_HASH" }
# allow = ["default"]
"""


def first_file(found: Found) -> str:
    """The whole text; it can be used as it stands."""
    return "".join([HEAD, SECRETS, *_accounts(found), *_engines(found), DEMO, _route(found), TAIL])


def route_of(found: Found) -> Sequence[str]:
    """Whom the default route asks: engines of one's own first, then accounts, else the demo."""
    engines = [
        f"{engine.name}/{models[0]}"
        for engine, models in found.engines
        if models and engine.surely_draws
    ]
    accounts = [f"{each.name}/{each.model}" for each, there in found.accounts if there]
    named = [each for each in (*engines, *accounts) if not each.endswith("/None")]
    return named or ["demo/demo"]


def _route(found: Found) -> str:
    tries = ", ".join(f'"{each}"' for each in route_of(found))
    return f"""
[routes.default]                # asked when nobody names a model; from left to right
try = [{tries}]
"""


def _accounts(found: Found) -> Iterator[str]:
    for account, variable in found.accounts:
        table = _account(account, variable or account.variables[0])
        yield f"\n# {account.title}\n{table if variable else _commented(table)}"


def _account(account: Account, variable: str) -> str:
    return f"""\
[providers.{account.name}]
adapter = "{account.adapter}"
api_key = {{ env = "{variable}" }}
"""


def _engines(found: Found) -> Iterator[str]:
    for engine, models in found.engines:
        table = _engine(engine)
        if models is None:
            continue
        if engine.surely_draws:
            yield f"\n# {engine.title}\n{table}"
        else:
            listed = ", ".join(models) or "none"
            told = f"{engine.title} answers there; its models: {listed}. If it draws:"
            yield f"\n# {told}\n{_commented(table)}"


def _engine(engine: Engine) -> str:
    profile = f'profile = "{engine.profile}"\n' if engine.profile else ""
    return f"""\
[providers.{engine.name}]
adapter = "{engine.adapter}"
base_url = "{engine.url}"
{profile}cost = "local"                  # no money: a lost answer may simply be asked again
network = "private"             # on this machine; all others are held to public addresses
concurrency = {{ at_once = 1, queue = 20 }}
"""


def _commented(table: str) -> str:
    return "".join(f"# {line}\n" for line in table.splitlines())
