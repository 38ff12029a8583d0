"""Order tables: made once, kept, thrown away, and never half there."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from jupyter_datachain_jobs.results.errors import CacheUnwritable, DatasetUnreadable
from jupyter_datachain_jobs.results.order import Orders

BY_N = "select rowid from source.t order by n"
ENDLESS = "with recursive c(x) as (select 1 union all select x + 1 from c) select x from c, source.t"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source ? # %.db"
    connection = sqlite3.connect(path)
    connection.execute("create table t (n)")
    connection.executemany("insert into t values (?)", [(-n,) for n in range(100)])
    connection.commit()
    connection.close()
    return path


@pytest.fixture
def orders(tmp_path: Path) -> Iterator[Orders]:
    orders = Orders(tmp_path / "orders ? # %")
    yield orders
    orders.close()


def files(orders: Orders) -> list[Path]:
    return sorted(orders._folder.iterdir())


def test_slices(orders: Orders, source: Path) -> None:
    assert orders.slice("k", 0, 3) is None
    orders.build("k", source, BY_N).result(10)
    assert orders.slice("k", 0, 3) == ([100, 99, 98], 100)
    assert orders.slice("k", 98, 10) == ([2, 1], 100)
    assert orders.slice("k", 200, 10) == ([], 100)
    assert len(files(orders)) == 1


def test_order_of_nothing(orders: Orders, source: Path) -> None:
    orders.build("none", source, "select rowid from source.t where n > 5").result(10)
    assert orders.slice("none", 0, 3) == ([], 0)


def test_damaged_order_is_made_again(orders: Orders, source: Path) -> None:
    orders.build("k", source, BY_N).result(10)
    for content in (b"", b"nonsense " * 1000):
        files(orders)[0].unlink()
        orders._path("k").write_bytes(content)
        assert orders.slice("k", 0, 1) is None
        orders.build("k", source, BY_N).result(10)
        assert orders.slice("k", 0, 1) == ([100], 100)


def test_failed_build_leaves_nothing(orders: Orders, source: Path) -> None:
    with pytest.raises(Exception, match="no such table"):
        orders.build("k", source, "select rowid from source.missing").result(10)
    source.write_bytes(b"damaged " * 1000)
    with pytest.raises(DatasetUnreadable):
        orders.build("k", source, BY_N).result(10)
    assert files(orders) == []
    assert orders.slice("k", 0, 1) is None


def test_cache_folder_that_cannot_be_made(tmp_path: Path, source: Path) -> None:
    (tmp_path / "file").write_text("")
    orders = Orders(tmp_path / "file" / "orders")
    with pytest.raises(CacheUnwritable) as caught:
        orders.build("k", source, BY_N).result(10)
    assert caught.value.code == "cache_unwritable"
    orders.close()


def test_one_build_for_many_askers(orders: Orders, source: Path) -> None:
    first = orders.build("endless", source, ENDLESS)
    assert orders.build("endless", source, ENDLESS) is first
    waiting = orders.build("later", source, BY_N)
    assert not waiting.done()
    orders.close()
    for future in (first, waiting):
        with pytest.raises(CancelledError):
            future.result(10)
    assert files(orders) == []


def test_oldest_orders_are_trimmed(tmp_path: Path, source: Path) -> None:
    orders = Orders(tmp_path / "small", limit=20_000)
    for number in range(6):
        orders.build(str(number), source, BY_N).result(10)
    assert sum(file.stat().st_size for file in files(orders)) <= 20_000
    assert orders.slice("5", 0, 1) == ([100], 100)
    assert orders.slice("0", 0, 1) is None
    orders.close()


def test_two_servers_build_the_same(tmp_path: Path, source: Path) -> None:
    pair = [Orders(tmp_path / "shared") for _ in range(2)]
    barrier = threading.Barrier(2)

    def build(orders: Orders) -> None:
        barrier.wait()
        orders.build("k", source, BY_N).result(10)

    threads = [threading.Thread(target=build, args=(orders,)) for orders in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [orders.slice("k", 0, 2) for orders in pair] == [([100, 99], 100)] * 2
    for orders in pair:
        orders.close()
