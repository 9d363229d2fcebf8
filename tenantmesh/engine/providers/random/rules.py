"""The rules of random's fields that a flag can't say: validators and what forces a replacement."""

from tenantmesh.engine.providers.bridged.schema import Validator, is_known
from tenantmesh.engine.values import UNKNOWN, Properties, Value
from tenantmesh.errors import ProviderError

_MINIMUMS = ("minUpper", "minLower", "minNumeric", "minSpecial")


def at_least(name: str, least: int) -> Validator:
    """A validator of a number that may not be below `least`."""
    return lambda value, _inputs: f"{name} is {value}; make it at least {least}" if value < least else None


def covers_minimums(value: Value, inputs: Properties) -> str | None:
    """A length holds the least number of characters of every class."""
    minimums = [inputs.get(name, 0) for name in _MINIMUMS]
    if UNKNOWN in minimums or value >= sum(minimums):
        return None
    return f"length is {value}; make it at least {sum(minimums)}, the sum of {', '.join(_MINIMUMS)}"


def needs_some_class(value: Value, inputs: Properties) -> str | None:
    """Not every class of characters may be switched off."""
    if value or any(inputs.get(name) is not False for name in ("special", "upper", "lower")):
        return None
    return "special, upper, lower and numeric are all false; make one of them true"


def keepers_change(prior: Value, _planned: Value, config: Value) -> bool:
    """Other keepers replace, except where only nulls or an empty map come or go."""
    wanted = config if isinstance(config, dict) else {}
    if prior is None:
        return any(value is not None for value in wanted.values())
    differs = any(value != prior.get(key) for key, value in wanted.items())
    return differs or any(key not in wanted for key in prior)


def special_change(prior: Value, _planned: Value, config: Value) -> bool:
    """Another set of special characters replaces; one that is still unknown or an empty one left out does not."""
    if config is UNKNOWN:
        return False
    return config is not None or prior != ""


def sync_numeric(planned: Properties, config: Properties, _prior: Properties | None) -> frozenset[str]:
    """`number` is the old name of `numeric`: either decides for both, and both are true where neither is set."""
    number, numeric = config.get("number"), config.get("numeric")
    if is_known(number) and is_known(numeric) and number != numeric:
        raise ProviderError("number and numeric differ; leave out number, which is deprecated")
    decided = next((value for value in (numeric, number) if value is not None), True)
    planned["number"] = decided if number is None else number
    planned["numeric"] = decided if numeric is None else numeric
    return frozenset()
