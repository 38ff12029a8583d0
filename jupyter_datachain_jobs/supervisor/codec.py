"""JSON to and from bytes, without the `json` package.

`json` imports `re` and `enum`: 10 ms, as long as the interpreter itself takes to start. Its C half does all of the
work that is needed here. An interpreter without it, or with another signature, gets the real package.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_SPACE = " \t\r\n"


def _lean() -> "tuple[Callable[[str, int], tuple[Any, int]], Callable[[Any, int], Any]]":
    import _json

    class Context:
        strict = True
        object_hook = None
        object_pairs_hook = None
        parse_float = float
        parse_int = int
        parse_constant = float

    def refuse(value: object) -> object:
        raise TypeError(f"{type(value).__name__} is not JSON")

    scan = _json.make_scanner(Context())  # type: ignore[arg-type]
    encode = _json.make_encoder(None, refuse, _json.encode_basestring_ascii, None, ": ", ", ", False, False, True)
    probe = {"a": [1, -2.5, None, True, "ü"]}
    if scan("".join(encode(probe, 0)), 0)[0] != probe:
        raise TypeError("another _json")
    return scan, encode


try:
    _scan, _encode = _lean()

    def loads(data: bytes) -> "Any":
        """The value of one JSON document in UTF-8.

        Raises:
            ValueError: it is not one.
        """
        text = data.decode().strip(_SPACE)
        try:
            value, end = _scan(text, 0)
        except (StopIteration, SystemError):
            # The scanner cannot say what is wrong unless the package is loaded: bad input may be slow.
            import json

            return json.loads(text)
        if text[end:].strip(_SPACE):
            raise ValueError("more than one JSON document")
        return value

    def dumps(value: object) -> bytes:
        """One line of JSON in ASCII, without the newline. Lone surrogates (bytes of the system) survive it."""
        return "".join(_encode(value, 0)).encode("ascii")

except (ImportError, AttributeError, TypeError):
    import json

    def loads(data: bytes) -> "Any":
        return json.loads(data)

    def dumps(value: object) -> bytes:
        return json.dumps(value).encode("ascii")


_MOST_OBJECTS = 50
_MOST_NUMBERS = 1000


def bounded(value: "Any") -> "Any":
    """The value with its lists cut, so that it fits into reserved space whatever a job left behind."""
    if isinstance(value, dict):
        return {key: bounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [bounded(each) for each in value[:_MOST_NUMBERS] if isinstance(each, int)] or [
            bounded(each) for each in value[:_MOST_OBJECTS]
        ]
    return value
