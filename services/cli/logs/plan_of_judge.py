"""The plan that `miyun judge` judges by, and the keys that it believes."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from schemas.base import MIN_TIME_MS
from schemas.plan import PLAN, Plan, PublicKey, plan_bytes, plan_id
from services.cli.logs.calendar_span import lasting
from services.cli.logs.words import JUDGE
from services.judging.log_lines import Survey
from services.judging.player import Trust
from services.plans.city.folder import load_city
from services.plans.compile.compiler import compile_city
from services.runtime.processes import EXIT_USAGE, StopProcessError
from services.runtime.settings import load_settings
from services.runtime.signing import PUBLISHER, SIGNERS, is_public_key, key_id_of
from services.runtime.words import sentence


@dataclass(frozen=True, slots=True)
class NamedPlan:
    """A plan and its sha256."""

    plan: Plan
    name: str


def load_plan_of(city: Path | None, plan: Path | None, keys: Path | None, survey: Survey) -> NamedPlan:
    """The plan of a file, or of a city whose calendars hold for the log's days.

    Raises:
        services.plans.city.folder.CityError: the city has mistakes.
        StopProcessError: the file holds no plan.
    """
    if plan is None:
        read = load_city(city or load_settings().city_dir, at_ms=None)
        compiled = compile_city(lasting(read, survey.first, survey.last), keys=public_keys(keys))
    else:
        try:
            compiled = PLAN.validate_json(plan.read_bytes())
        except (OSError, ValidationError) as error:
            why = str(error).splitlines()[0]
            raise StopProcessError(
                sentence(JUDGE, "no_plan_file", file=plan, why=why), exit_code=EXIT_USAGE
            ) from None
    return NamedPlan(compiled, plan_id(plan_bytes(compiled)))


def trust_of(keys: Path | None) -> Trust | None:
    """Whom the keys of a folder let one believe; None: no folder is given."""
    if keys is None:
        return None
    found = public_keys(keys)
    return Trust(next((key.public_key for key in found if key.signer == PUBLISHER), None), found)


def public_keys(folder: Path | None) -> tuple[PublicKey, ...]:
    """The public keys in a folder of ours (``<signer>.pub``).

    Raises:
        StopProcessError: it holds none.
    """
    if folder is None:
        return ()
    texts = {name: folder / f"{name}.pub" for name in SIGNERS}
    read = {name: path.read_text(errors="replace").strip() for name, path in texts.items() if path.is_file()}
    found = tuple(
        PublicKey(
            key_id=key_id_of(text), signer=name, public_key=text, valid_from=MIN_TIME_MS, valid_until=None
        )
        for name, text in read.items()
        if is_public_key(text)
    )
    if not found:
        raise StopProcessError(sentence(JUDGE, "no_keys", folder=folder), exit_code=EXIT_USAGE)
    return found
