"""The part of JSON Schema that docs/schema uses, for the output of tools; see also SchemaCheck of CommandsTests."""
import json

import support

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "null": type(None)}
REMARKS = {"$schema", "$defs", "title", "description"}


def problems(value, name):
    """What of a value docs/schema/NAME does not describe, a line each."""
    with open(f"{support.ROOT}/docs/schema/{name}", encoding="utf-8") as file:
        root = json.load(file)
    return list(_problems(value, root, root, ""))


def _problems(value, schema, root, place):
    for keyword, rule in schema.items():
        if keyword == "$ref":
            yield from _problems(value, root["$defs"][rule.split("/")[-1]], root, place)
        elif keyword == "type":
            if not isinstance(value, TYPES[rule]) or (rule == "integer" and isinstance(value, bool)):
                yield f"{place} is no {rule}"
        elif keyword == "const":
            if value != rule:
                yield f"{place} has another value"
        elif keyword == "enum":
            if value not in rule:
                yield f"{place} has another value"
        elif keyword == "minimum":
            if isinstance(value, int) and value < rule:
                yield f"{place} is too small"
        elif keyword == "items":
            for index, element in enumerate(value if isinstance(value, list) else []):
                yield from _problems(element, rule, root, f"{place}[{index}]")
        elif keyword == "required":
            yield from (f"{place}.{key} is missing" for key in rule if isinstance(value, dict) and key not in value)
        elif keyword == "properties":
            for key, below in value.items() if isinstance(value, dict) else ():
                if key in rule:
                    yield from _problems(below, rule[key], root, f"{place}.{key}")
                else:
                    yield f"{place}.{key} is unknown"
        elif keyword == "additionalProperties":
            if rule is not False:
                yield f"{place}: additional properties must be refused"
        elif keyword not in REMARKS:
            yield f"{place}: unknown keyword {keyword}"
