"""Datasets and their rows."""

from __future__ import annotations

import asyncio

from .. import schemas
from ..request import Request


async def of_job(request: Request) -> schemas.DatasetVersions:
    job = await request.rooms.store.get(request.job_id)
    found = await asyncio.to_thread(request.rooms.results.datasets_of_job, job.id)
    return schemas.DatasetVersions(items=[schemas.DatasetVersion.model_validate(item) for item in found])


async def find(request: Request) -> schemas.DatasetDetail:
    return schemas.DatasetDetail.model_validate(await asyncio.to_thread(request.rooms.results.find, request.query.name))


async def get(request: Request) -> schemas.DatasetDetail:
    return schemas.DatasetDetail.model_validate(
        await asyncio.to_thread(request.rooms.results.describe, request.dataset_uuid)
    )


async def rows(request: Request) -> schemas.RowPage:
    page = await asyncio.to_thread(
        request.rooms.results.page, request.dataset_uuid, request.query.offset, request.query.limit
    )
    return schemas.RowPage.model_validate(page)
