"""What can be wrong with a plugins.toml, and what is said of it: the table of docs/mistakes.md.

`python -m tests.providers.mistakes docs/mistakes.md` writes it anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from imageway.providers.file.documenting import rewrite
from imageway.providers.file.examining import examine

PLUGIN = Path(__file__).with_name("plugin.py")
HOUSE = "[providers.house]\nadapter = './plugin.py:House'\n"
DEMO = "[providers.demo]\nadapter = 'demo'\n"
SECRET = "sk-do-not-show"
ADAPTER = """
class Mine:
    {config}
    def __init__(self, config, http, memo):
        {make}
    async def describe(self, model): ...
    async def generate(self, request, run): ...
"""
PYDANTIC = "from pydantic import BaseModel\nclass Config(BaseModel): pass\n"
# What lies beside the file; each adapter is wrong in its own way.
FILES: Mapping[str, str] = {
    "breaks.py": "raise RuntimeError('no licence')\n",
    "leaves.py": "import sys\nsys.exit('bye')\n",
    "needs.py": "import a_library_that_is_not_here\n",
    "syntax.py": "class Mine\n",
    "plain.py": ADAPTER.format(config="Config = dict", make="pass"),
    "refuses.py": PYDANTIC
    + ADAPTER.format(config="Config = Config", make="raise OSError('no GPU')"),
    "key": SECRET,
    "raising.py": "raise ValueError('half installed')\n",
    "raising-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: raising\nVersion: 1.0\n",
    "raising-1.0.dist-info/entry_points.txt": "[imageway.adapters]\nraising = raising:Mine\n",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: the file, the line and the key that are named, and the way out."""

    name: str
    text: str
    line: int
    key: str
    says: str
    fix: str


# fmt: off
MISTAKES: Sequence[Mistake] = (
    Mistake("a bracket is missing", "[providers\n", 1, "", "this is not TOML: expected ']'",
            "[providers.NAME]"),
    Mistake("quotes are missing", "[gateway]\nstate = here\n", 2, "",
            "this is not TOML: invalid value", "quotes"),
    Mistake("a quote is not closed", "[gateway]\nstate = 'here\n", 2, "", "this is not TOML: ",
            "close the text"),
    Mistake("two providers of one name", DEMO + DEMO, 3, "providers.demo",
            "cannot declare [providers.demo] twice", "give the second another name"),
    Mistake("one key twice", DEMO + "cost = 'paid'\ncost = 'local'\n", 4, "",
            "this is not TOML: cannot overwrite", "keep one of the two"),
    Mistake("a file for a newer imageway", "schema = 9\n", 1, "schema",
            "schema = 9: this imageway knows up to 1", "install a newer imageway"),
    Mistake("a file of an older form", "schema = 0\n", 1, "schema", "schema = 0: must be 1",
            "imageway migrate --write"),
    Mistake("a schema that is no number", "schema = 'one'\n", 1, "schema", "schema = 'one'",
            "must be 1"),
    Mistake("a table that does not exist", "[provider.x]\nadapter = 'demo'\n", 1, "provider",
            "unknown key 'provider'", "did you mean 'providers'?"),
    Mistake("a key where a table belongs", "providers = 3\n", 1, "providers", "providers = 3",
            "must be a table"),
    Mistake("a key that does not exist", "[gateway]\nlisen = 'x'\n", 2, "lisen",
            "unknown key 'lisen'", "did you mean 'listen'"),
    Mistake("an address without a port", "[gateway]\nlisten = 'localhost'\n", 2, "listen",
            "listen = 'localhost'", "must be written HOST:PORT"),
    Mistake("a port that is none", "[gateway]\nlisten = 'localhost:99999'\n", 2, "listen",
            "listen = 'localhost:99999'", "must be written HOST:PORT"),
    Mistake("a duration without its unit", "[gateway]\ndrain_timeout = 90\n", 2, "drain_timeout",
            "drain_timeout = 90", "must be written with its unit"),
    Mistake("a duration with a wrong unit", "[gateway]\ndrain_timeout = '5 minutes'\n", 2,
            "drain_timeout", "drain_timeout = '5 minutes'", "must be a number and one of"),
    Mistake("a duration that is too long", "[gateway]\ndrain_timeout = '31d'\n", 2,
            "drain_timeout", "drain_timeout = '31d'", "must be at most 30d"),
    Mistake("a size without its unit", "[gateway.limits]\nbody = 32\n", 2, "body", "body = 32",
            "must be written with its unit"),
    Mistake("a size with a wrong unit", "[gateway.limits]\nbody = '32 megs'\n", 2, "body",
            "body = '32 megs'", "must be a number and one of B, KB"),
    Mistake("a number that is too large", "[gateway.limits]\nimages_per_request = 1000\n", 2,
            "images_per_request", "images_per_request = 1000", "must be at most 100"),
    Mistake("a number that is too small", "[gateway.limits]\nimages_per_request = 0\n", 2,
            "images_per_request", "images_per_request = 0", "must be at least 1"),
    Mistake("a number that is not whole", "[gateway.limits]\nimages_per_request = 1.5\n", 2,
            "images_per_request", "images_per_request = 1.5", "must be a whole number"),
    Mistake("a number in quotes", "[gateway.limits]\nimages_per_request = '3'\n", 2,
            "images_per_request", "images_per_request = '3'", "must be a whole number"),
    Mistake("a feature that does not exist", "[features]\nerly_access = true\n", 2,
            "erly_access", "unknown key 'erly_access'", "did you mean 'early_access'?"),
    Mistake("a time-out of nothing", "[defaults.timeout]\ntotal = '0s'\n", 2, "total",
            "total = '0s'", "must be more than 0"),
    Mistake("a rate without its second", "[defaults.timeout]\nmin_rate = '1KiB'\n", 2,
            "min_rate", "min_rate = '1KiB'", "such as \"1KiB/s\""),
    Mistake("a key in braces that does not exist",
            "[defaults.retry]\nbackoff = { frist = '1s' }\n", 2, "backoff",
            "[defaults.retry.backoff] unknown key 'frist'", "did you mean 'first'"),
    Mistake("a share above one", "[defaults.breaker]\nfailure_ratio = 50\n", 2, "failure_ratio",
            "failure_ratio = 50", "must be at most 1"),
    Mistake("a provider without an adapter", "[providers.x]\ncost = 'paid'\n", 1, "adapter",
            "[providers.x] the key 'adapter' is missing", "add adapter = …"),
    Mistake("a provider with a name that cannot be", "[providers.'a b']\nadapter = 'demo'\n", 1,
            "a b", "[providers] 'a b'", "a name has letters, digits"),
    Mistake("an adapter that does not exist", "[providers.x]\nadapter = 'gemni'\n", 2, "adapter",
            "there is no adapter 'gemni'", "did you mean 'gemini'"),
    Mistake("an adapter in a file that is not there",
            "[providers.x]\nadapter = './no.py:Mine'\n", 2, "adapter", "there is no file",
            "write its path"),
    Mistake("a class that is not in the file", "[providers.x]\nadapter = './plugin.py:Hose'\n",
            2, "adapter", "there is no 'Hose' in", "did you mean 'House'?"),
    Mistake("an adapter in a package that is not installed",
            "[providers.x]\nadapter = 'no_such_house.images:House'\n", 2, "adapter",
            "there is no module 'no_such_house'", "install its package"),
    Mistake("an adapter whose library is missing",
            "[providers.x]\nadapter = './needs.py:Mine'\n", 2, "adapter",
            "needs the module 'a_library_that_is_not_here', which is not installed",
            "pip install a_library_that_is_not_here"),
    Mistake("an adapter that fails to import", "[providers.x]\nadapter = './breaks.py:Mine'\n",
            2, "adapter", "cannot be loaded: RuntimeError: no licence",
            "mend it, or set another adapter"),
    Mistake("an adapter that ends the program", "[providers.x]\nadapter = './leaves.py:Mine'\n",
            2, "adapter", "cannot be loaded: SystemExit: bye", "mend it, or set another adapter"),
    Mistake("an adapter that is not Python", "[providers.x]\nadapter = './syntax.py:Mine'\n", 2,
            "adapter", "cannot be loaded: SyntaxError", "mend it, or set another adapter"),
    Mistake("an entry point that raises", "[providers.x]\nadapter = 'raising'\n", 2, "adapter",
            "cannot be loaded: ValueError: half installed", "mend it, or set another adapter"),
    Mistake("a class that is no adapter", "[providers.x]\nadapter = './plugin.py:Unfinished'\n",
            2, "adapter", "is no adapter", "an adapter is a class with Config"),
    Mistake("an adapter whose Config is no pydantic model",
            "[providers.x]\nadapter = './plain.py:Mine'\n", 2, "adapter", "is no adapter",
            "an adapter is a class with Config (a pydantic model)"),
    Mistake("an adapter that cannot be made", "[providers.x]\nadapter = './refuses.py:Mine'\n",
            2, "adapter", "cannot be made: OSError: no GPU", "mend it, or set another adapter"),
    Mistake("an adapter whose Config breaks", HOUSE + "base_url = 'bug'\n", 2, "adapter",
            "the adapter's Config broke: KeyError: 'bug'", "mend it, or set another adapter"),
    Mistake("an adapter's key that does not exist", HOUSE + "api_kye = { env = 'X' }\n", 3,
            "api_kye", "[providers.house] unknown key 'api_kye'", "did you mean 'api_key'?"),
    Mistake("a policy that does not exist", HOUSE + "timeuot = { total = '1m' }\n", 3, "timeuot",
            "[providers.house] unknown key 'timeuot'", "did you mean 'timeout'?"),
    Mistake("an adapter's key of a wrong kind", HOUSE + "pace = -1\n", 3, "pace",
            "[providers.house] pace = -1", "must be at least 0"),
    Mistake("a word that is not among those allowed", DEMO + "cost = 'free'\n", 3, "cost",
            "cost = 'free'", "must be 'paid' or 'local'"),
    Mistake("a secret in clear text", HOUSE + f"api_key = '{SECRET}'\n", 3, "api_key",
            "api_key: a secret is never written into the file",
            "write api_key = { env = \"NAME\" }"),
    Mistake("a secret in clear text, in a table",
            HOUSE + f"headers = {{ X-Key = '{SECRET}' }}\n", 3, "X-Key",
            "X-Key: a secret is never written into the file", "write X-Key = { env = \"NAME\" }"),
    Mistake("a reference of two kinds", HOUSE + "api_key = { env = 'A', file = 'b' }\n", 3,
            "api_key", "api_key", "must be exactly one of env, file and command"),
    Mistake("a reference of no kind", HOUSE + "api_key = { evn = 'A' }\n", 3, "evn",
            "unknown key 'evn'", "did you mean 'env'?"),
    Mistake("a reference where no secret belongs", HOUSE + "base_url = { env = 'A' }\n", 3,
            "base_url", "the adapter does not treat this as a secret", "write base_url = "),
    Mistake("a secret's file that others can read", HOUSE + "api_key = { file = 'key' }\n", 3,
            "api_key", "(mode 0644, must be 0600)", "run: chmod 600"),
    Mistake("a key's file that others can read", "[keys.k]\ntoken = { file = 'key' }\n", 2,
            "token", "(mode 0644, must be 0600)", "run: chmod 600"),
    Mistake("a route to nothing", "[routes.r]\ntry = ['demoo/demo']\n", 2, "try",
            "'demoo/demo' is neither a route nor provider/model", "there is r"),
    Mistake("a route without models", "[routes.r]\ntry = []\n", 2, "try", "try",
            "must not be empty"),
    Mistake("a route that is no list", "[routes.r]\ntry = 'demo/demo'\n", 2, "try",
            "try = 'demo/demo'", "must be a list of models"),
    Mistake("a step that is no name", "[routes.r]\ntry = [3]\n", 2, "try", "try, item 1 = 3",
            "must be a table"),
    Mistake("a route to itself", "[routes.r]\ntry = ['r']\n", 2, "try",
            "routes go in a circle: r → r", "take 'r' out of the list of 'r'"),
    Mistake("a step with a wrong key", "[routes.r]\ntry = [{ modle = 'a/b' }]\n", 2, "try",
            "try, item 1: unknown key 'modle'", "did you mean 'model'?"),
    Mistake("a circle of routes",
            "[routes.a]\ntry = ['b']\n[routes.b]\ntry = ['c']\n[routes.c]\ntry = ['a']\n", 2,
            "try", "[routes.a] try: routes go in a circle: a → b → c → a",
            "take 'b' out of the list of 'a'"),
    Mistake("a route to a provider of nearly that name",
            DEMO + "[routes.r]\ntry = ['dmo/demo']\n", 4, "try",
            "'dmo/demo' is neither a route nor provider/model", "did you mean 'demo/demo'?"),
    Mistake("a route that fills in a wish that does not exist",
            DEMO + "[routes.r]\ntry = [{ model = 'demo/demo', defaults = { colour = 'red' } }]\n",
            4, "try", "colour", ""),
    Mistake("a route that fills in the prompt",
            DEMO + "[routes.r]\ntry = [{ model = 'demo/demo', defaults = { prompt = 'red' } }]\n",
            4, "try", "defaults: 'prompt' is the caller's and no wish", "leave it out"),
    Mistake("a route without its list", "[routes.r]\ntitle = 'x'\n", 1, "try",
            "the key 'try' is missing", "add try = …"),
    Mistake("a key of no kind", "[keys.k]\nallow = ['x']\n", 1, "k", "k",
            "a key has either a hash or a token"),
    Mistake("a key of two kinds", "[keys.k]\nhash = { env = 'X' }\ntoken = { env = 'Y' }\n", 1,
            "k", "k", "a key has either a hash or a token"),
    Mistake("a caller's token in clear text", f"[keys.k]\ntoken = '{SECRET}'\n", 2, "token",
            "token: a secret is never written into the file", "write token = { env = \"NAME\" }"),
    Mistake("a key that allows no list", "[keys.k]\nhash = { env = 'X' }\nallow = 'photo'\n", 3,
            "allow", "allow = 'photo'", "must be a list"),
    Mistake("a rehearsal of a provider that is not there",
            DEMO + "[chaos]\nuntil = 2027-01-31T18:00:00Z\n[chaos.providers.dmo]\nlatency = '1s'\n",
            5, "chaos.providers", "there is no provider 'dmo'", "did you mean 'demo'?"),
    Mistake("a rehearsal without an end", DEMO + "[chaos.providers.demo]\nlatency = '1s'\n", 3,
            "chaos", "chaos", "until"),
    Mistake("a date in quotes", "[chaos]\nuntil = '2027-01-31'\n", 2, "until",
            "until = '2027-01-31'", "without quotes, such as"),
    Mistake("a provider that is switched off with a word",
            DEMO + "enabled = 'no'\n", 3, "enabled", "enabled = 'no'", "must be true or false"),
)
# fmt: on


def lay_out(folder: Path, text: str) -> Path:
    """The file with everything beside it."""
    for name, content in {**FILES, "plugin.py": PLUGIN.read_text()}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        path.chmod(0o644)
    (folder / "plugins.toml").write_text(text)
    return folder / "plugins.toml"


def as_markdown(folder: Path) -> str:
    """Every row with what is really said of it."""
    return "\n".join(
        ["| mistake | what is said | and the way out |\n|---|---|---|", *_rows(folder)]
    )


def _rows(folder: Path) -> Iterator[str]:
    for mistake in MISTAKES:
        examined = examine(lay_out(folder, mistake.text), {})
        for found in examined.mistakes:
            said, hint = _cell(found.message, folder), _cell(found.hint or "", folder)
            yield f"| {mistake.name} | {said} | {hint} |"


def _cell(text: str, folder: Path) -> str:
    return text.replace(f"{folder}/", "").replace("|", "\\|")


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    page = Path(sys.argv[1])
    with TemporaryDirectory() as made:
        sys.path.insert(0, made)
        table = as_markdown(Path(made)) + "\n"
    page.write_text(rewrite(page.read_text(encoding="utf-8"), table), encoding="utf-8")
