"""Runs a job's snapshot as `python script.py` would run the user's file in its own folder.

    python run_script.py SNAPSHOT SCRIPT ATTEMPT_FOLDER

Runs in the job's interpreter (any Python >= 3.11), where nothing of this package can be imported, and before the
script it imports nothing that a bare interpreter has not loaded. The script sees itself under its own path, and so do
tracebacks, `inspect` and pickles; worker processes that re-import it get the snapshot too, whatever the user saved in
the meantime. An uncaught exception also leaves `error.json` in the attempt's folder.
"""

import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any

SNAPSHOT, SCRIPT = "DATACHAIN_JOBS_SNAPSHOT", "DATACHAIN_JOBS_SCRIPT"
"""Environment variables by which worker processes find what runs."""

_ROOM_WORDS = 65_536
"""More than half a megabyte with what else a frame holds: chunks are powers of two."""

_HERE = os.path.abspath(__file__)
# Each decides by itself which file a worker process takes for the main module.
_SPAWNERS = ("multiprocessing.spawn", "multiprocess.spawn", "loky.backend.spawn", "joblib.externals.loky.backend.spawn")


class AfterImport:
    """Does something to modules once they are imported, so that nothing is imported for its sake."""

    def __init__(self) -> None:
        self._actions: dict[str, Callable[[Any], None]] = {}

    def add(self, name: str, action: "Callable[[Any], None]") -> None:
        """Does it at once for a module that is there already."""
        if name in sys.modules:
            action(sys.modules[name])
        else:
            self._actions[name] = action

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "ModuleSpec | None":
        """Part of the import system: finds as the others do, and notes when to act."""
        action = self._actions.pop(name, None)
        if action is None:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None:
                break
        else:
            return None
        loader: Any = spec.loader
        if hasattr(loader, "__dict__") and hasattr(loader, "exec_module"):
            execute = loader.exec_module

            def exec_module(module: "ModuleType") -> None:
                loader.__dict__.pop("exec_module", None)
                execute(module)
                action(module)

            loader.exec_module = exec_module
        return spec


def lines_of(source: bytes) -> list[str]:
    """The lines of a script's bytes, as the compiler sees them."""
    try:
        text = source.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError:
        import importlib.util

        text = importlib.util.decode_source(source)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return [line + "\n" for line in text.split("\n")]


def adopt(snapshot: str, script: str) -> "CodeType":
    """Makes a snapshot stand in for the script in this process and in those that it starts. Returns its code."""
    os.environ[SNAPSHOT], os.environ[SCRIPT] = snapshot, script
    with open(snapshot, "rb") as file:
        source = file.read()
    hooks = AfterImport()
    sys.meta_path.insert(0, hooks)

    def fill(linecache: "Any") -> None:
        # Without a time the entry is never compared with the file on disk.
        linecache.cache[script] = (len(source), None, lines_of(source), script)

    def redirect(spawn: "Any") -> None:
        prepare = spawn.get_preparation_data

        def get_preparation_data(*args: "Any", **kwargs: "Any") -> "dict[str, Any]":
            data = prepare(*args, **kwargs)
            if data.get("init_main_from_path") == script:
                data["init_main_from_path"] = _HERE
            return data

        spawn.get_preparation_data = get_preparation_data

    hooks.add("linecache", fill)
    for name in _SPAWNERS:
        hooks.add(name, redirect)
    sys.excepthook = sys.__excepthook__ = exception_printer(script, source)
    hooks.add("threading", print_thread_exceptions)
    return compile(source, script, "exec", dont_inherit=True)


def exception_printer(script: str, source: bytes) -> "Callable[[Any, Any, Any], None]":
    """What `sys.excepthook` does by default, with the snapshot's lines."""
    original = sys.__excepthook__

    def print_exception(kind: "Any", error: "Any", trace: "Any") -> None:
        if sys.version_info >= (3, 13) or on_disk(script) == source:
            original(kind, error, trace)
        elif sys.stderr is not None:
            # Until 3.13 the interpreter itself prints lines of the file on disk, which is not what ran.
            import traceback

            traceback.print_exception(kind, error, trace)

    return print_exception


def on_disk(path: str) -> bytes | None:
    """A file's bytes; None if there is no such file."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def print_thread_exceptions(threading: "Any") -> None:
    """Makes `threading.excepthook` do what it does by default, with the snapshot's lines."""

    def excepthook(args: "Any") -> None:
        if args.exc_type is not SystemExit and sys.stderr is not None:
            name = args.thread.name if args.thread else threading.get_ident()
            print(f"Exception in thread {name}:", file=sys.stderr, flush=True)
            sys.__excepthook__(args.exc_type, args.exc_value, args.exc_traceback)

    threading.excepthook = threading.__excepthook__ = excepthook


def write_by_lines(name: str, fd: int, errors: str | None = None) -> None:
    """Makes a standard stream write whole lines, so that a log shows them at once and a job pays once for each."""
    old = getattr(sys, name)
    if old is None:
        return
    errors = errors or old.errors
    if isinstance(old.buffer, io.BufferedIOBase):
        old.reconfigure(line_buffering=True, errors=errors)
        return
    # Under PYTHONUNBUFFERED the stream below is raw, and writes to a raw stream can be short.
    new: Any = open(fd, "w", buffering=1, encoding=old.encoding, errors=errors, newline="\n", closefd=False)  # noqa: SIM115
    new.buffer.raw.name = f"<{name}>"
    new.mode = "w"
    setattr(sys, name, new)
    setattr(sys, f"__{name}__", new)


def main() -> None:
    """Runs the script. Exceptions leave as they would leave a script that Python runs itself."""
    snapshot, script, folder = sys.argv[1:4]
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(script))
    sys.argv[:] = [script]
    write_by_lines("stdout", 1, "backslashreplace")
    write_by_lines("stderr", 2)
    os.environ["PYTHONUNBUFFERED"] = "1"
    module: Any = type(sys)("__main__")
    module.__file__ = script
    module.__builtins__ = sys.modules["builtins"]
    module.__loader__ = type(globals()["__loader__"])("__main__", script)
    module.__cached__ = None
    if sys.version_info < (3, 14):
        module.__annotations__ = {}
    process, failure = os.getpid(), None
    try:
        sys.modules["__main__"] = module
        with_room(adopt(snapshot, script), module.__dict__)
    except SystemExit as error:
        if os.getpid() == process and not isinstance(error.code, int | None):
            record(error, script, folder)
        raise
    except BaseException as error:  # noqa: BLE001 - raised again below
        failure = error
    # Outside of the `except`, so that a hook which fails does not blame this exception for it.
    if failure is not None:
        end(failure, process, script, folder)


def with_room(code: "CodeType", namespace: "dict[str, Any]") -> None:
    """Runs code with room for the frames that it will stack up.

    CPython keeps Python frames in chunks of 16 KB, and takes and returns one by mmap and munmap each time that a call
    crosses their border: thousands of times where a busy loop happens to sit on it, which the frames of this file would
    move. A frame that claims half a megabyte makes one chunk of twice that, in which the script stays; memory that no
    frame uses is never touched.
    """
    function: Any = type(_execute)
    function(_execute.__code__.replace(co_stacksize=_ROOM_WORDS), globals())(code, namespace)


def _execute(code: "CodeType", namespace: "dict[str, Any]") -> None:
    exec(code, namespace)  # noqa: S102


def end(error: BaseException, process: int, script: str, folder: str) -> None:
    """Ends the interpreter as an uncaught exception does, with no frame of this file in sight."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    error.__traceback__ = trace
    # A process that the script forked also comes by here.
    if os.getpid() == process:
        record(error, script, folder)
        error.__traceback__ = trace
    hook = getattr(sys, "excepthook", None)
    if hook is None:
        print("sys.excepthook is missing", file=sys.stderr)
        hook = sys.__excepthook__
    try:
        hook(type(error), error, trace)
    except SystemExit:
        raise
    except BaseException as second:  # noqa: BLE001 - as the interpreter does it
        print("Error in sys.excepthook:", file=sys.stderr)
        second.__traceback__ = second.__traceback__ and second.__traceback__.tb_next
        sys.__excepthook__(type(second), second, second.__traceback__)
        print("\nOriginal exception was:", file=sys.stderr)
        sys.__excepthook__(type(error), error, trace)
    # Only the printing is done: exit code, or death by SIGINT, are the interpreter's own business.
    sys.excepthook = lambda *_: setattr(sys, "excepthook", hook)
    raise error


def record(error: BaseException, script: str, folder: str) -> None:
    """Leaves `error.json`. Nothing that goes wrong here may change how the script ends."""
    try:
        load("error_report.py").write(error, script, folder)
    except Exception as second:  # noqa: BLE001
        print(f"error.json could not be written: {second!r}", file=sys.stderr)


def load(name: str) -> "Any":
    """A file beside this one as a module: their folder is not on the script's path."""
    path = os.path.join(os.path.dirname(_HERE), name)
    module = type(sys)("_datachain_jobs_" + name.removesuffix(".py"))
    module.__file__ = path
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), module.__dict__)  # noqa: S102
    return module


def run_in_worker(namespace: "dict[str, Any]") -> None:
    """Runs the snapshot in the module that a worker process takes for the main one."""
    code = adopt(os.environ[SNAPSHOT], script := os.environ[SCRIPT])
    for name in [name for name in namespace if not name.startswith("__")]:
        del namespace[name]
    namespace["__file__"] = script
    namespace["__doc__"] = None
    sys.argv[0] = script
    exec(code, namespace)  # noqa: S102


if __name__ == "__main__":
    main()
elif __name__ == "__mp_main__":
    # What this file defines must live on elsewhere: here the script's own names belong.
    sys.modules["_datachain_jobs_run_script"] = load("run_script.py")
    sys.modules["_datachain_jobs_run_script"].run_in_worker(globals())
