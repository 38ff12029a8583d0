"""Where DataChain keeps its two databases: the metastore (what exists) and the warehouse (the rows).

The rules are DataChain's own (`datachain.utils.DataChainDir`, `datachain.catalog.loader`), repeated here because the
server must not import datachain.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import WarehouseUnsupported

_SQLITE_CLASSES = {
    "DATACHAIN_METASTORE": "SQLiteMetastore",
    "DATACHAIN_WAREHOUSE": "SQLiteWarehouse",
}


@dataclass(frozen=True)
class Location:
    """Absolute paths; usually both are the same file. The files need not exist yet.

    folder: DataChain's own folder (`.datachain`), which also holds its cache of files.
    """

    folder: Path
    metastore: Path
    warehouse: Path

    @property
    def one_file(self) -> bool:
        return self.metastore == self.warehouse

    @property
    def environment(self) -> dict[str, str]:
        """Variables with which DataChain in another process finds the same data, whatever its current directory is."""
        if self.folder.name == ".datachain":
            found = {"DATACHAIN_ROOT_DIR": str(self.folder.parent)}
        else:
            found = {"DATACHAIN_DIR": str(self.folder)}
        for variable, file in (("DATACHAIN_METASTORE", self.metastore), ("DATACHAIN_WAREHOUSE", self.warehouse)):
            if file != self.folder / "db":
                found[f"{variable}_ARG_DB_FILE"] = str(file)
        return found


def locate(root: Path | None = None, environ: Mapping[str, str] | None = None) -> Location:
    """Find the databases of a DataChain root.

    root: the folder that holds `.datachain` (what DATACHAIN_ROOT_DIR names). With None, what DataChain would take:
        DATACHAIN_DIR, DATACHAIN_ROOT_DIR, or the current directory.

    Raises `WarehouseUnsupported` when the environment sends DataChain to something else than SQLite files.
    """
    environ = os.environ if environ is None else environ
    folder = _folder(root, environ)
    files = []
    for variable, known_class in _SQLITE_CLASSES.items():
        serialized = "DATACHAIN__" + variable.removeprefix("DATACHAIN_")
        if environ.get(serialized):
            raise WarehouseUnsupported(serialized, "a serialized object")
        chosen = environ.get(variable, "")
        if chosen and chosen.rpartition(".")[2] != known_class:
            raise WarehouseUnsupported(variable, chosen)
        # DataChain lower-cases what follows the prefix and passes it as a keyword argument.
        db_file = environ.get(f"{variable}_ARG_DB_FILE") or environ.get(f"{variable}_ARG_db_file")
        files.append(Path(os.path.abspath(db_file)) if db_file else folder / "db")
    return Location(folder, *files)


def _folder(root: Path | None, environ: Mapping[str, str]) -> Path:
    if root is not None:
        return Path(os.path.abspath(root)) / ".datachain"
    if environ.get("DATACHAIN_DIR"):
        return Path(os.path.abspath(environ["DATACHAIN_DIR"]))
    return Path(os.path.abspath(environ.get("DATACHAIN_ROOT_DIR") or os.getcwd())) / ".datachain"
