"""Runs one Pulumi program in this process, as pulumi-language-python-exec does, and ends with its exit code."""

import argparse
import asyncio
import gc
import inspect
import logging
import os
import runpy
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

_SHOWN: Final = 32
_GARBAGE_THRESHOLD: Final = 10_000_000


def main() -> int:
    """Configure the SDK from the arguments, run the program and give its exit code."""
    # Modules and resources live until the end: to look through them for garbage costs a third of the time.
    gc.set_threshold(_GARBAGE_THRESHOLD, 50, 50)
    arguments = _arguments()
    program = Path(arguments.program)
    sys.argv = [arguments.program]
    try:
        import pulumi
        import pulumi.runtime
        import settling
        from kept_lines import keep_lines
    except ImportError:
        traceback.print_exc()
        print("the Pulumi SDK is not installed for this program; install its requirements first", file=sys.stderr)
        return _SHOWN
    sys.path[0] = str(Path.cwd())
    _configure(arguments)
    keep_lines([__file__, settling.__file__])
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=max(int(arguments.parallel), 1) * 4)
    loop.set_default_executor(executor)
    gc.freeze()
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(settling.settled(lambda: _run(program))))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return 1
    except Exception as error:  # noqa: BLE001  whatever the program raises is shown
        pulumi.log.error("the program failed with an unhandled exception:\n" + _own_trace(error, program))
        return _SHOWN
    finally:
        executor.shutdown(wait=True)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="run a Pulumi program")
    names = ("monitor", "engine", "project", "stack", "organization", "root_directory", "parallel", "dry_run")
    for name in names:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("program")
    return parser.parse_args()


def _configure(arguments: argparse.Namespace) -> None:
    import pulumi.runtime

    pulumi.runtime.set_all_config(pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env())
    wanted: dict[str, Any] = {
        "monitor": arguments.monitor,
        "engine": _engine(arguments.engine),
        "project": arguments.project,
        "stack": arguments.stack,
        "parallel": int(arguments.parallel),
        "dry_run": arguments.dry_run == "true",
        "organization": arguments.organization,
        "root_directory": arguments.root_directory,
    }
    # Older SDKs know fewer settings.
    known = inspect.signature(pulumi.runtime.Settings.__init__).parameters
    pulumi.runtime.configure(pulumi.runtime.Settings(**{key: value for key, value in wanted.items() if key in known}))


def _engine(address: str) -> Any:
    import grpc
    from pulumi.runtime.proto import engine_pb2_grpc

    return _QuietEngine(engine_pb2_grpc.EngineStub(grpc.insecure_channel(address)))


class _QuietEngine:
    """The engine's service without the SDK's debug messages: ten calls a resource that nobody reads."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub
        self._debug = os.environ.get("PULUMI_DEBUG", "") not in ("", "0", "false")

    def Log(self, request: Any, *arguments: Any, **options: Any) -> Any:  # noqa: N802  the service's name
        """Pass a message on unless it is for debugging."""
        if request.severity or self._debug:
            return self._stub.Log(request, *arguments, **options)
        return None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stub, name)


def _run(program: Path) -> None:
    if program.is_dir() and not (program / "__main__.py").exists():
        import pulumi

        raise pulumi.RunError(f"there is no __main__.py in {program.resolve()}")
    runpy.run_path(str(program), run_name="__main__")


def _own_trace(error: Exception, program: Path) -> str:
    """The traceback from the program's own first frame on."""
    folder = str(program.resolve() if program.is_dir() else program.resolve().parent)
    frames = traceback.extract_tb(error.__traceback__)
    first = next((index for index, frame in enumerate(frames) if _within(frame.filename, folder)), 0)
    return "".join(traceback.format_exception(type(error), error, error.__traceback__, limit=-(len(frames) - first)))


def _within(filename: str, folder: str) -> bool:
    own = str(Path(filename).absolute()).startswith(folder + os.sep)
    return own and not filename.startswith("<") and "site-packages" not in filename


if __name__ == "__main__":
    sys.exit(main())
