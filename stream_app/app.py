"""All wiring of the scorer: the Faust app's agent, sink, worker and pages."""

import time
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

from mode import CrashingSupervisor

from contract.http_access import access_policy
from stream_app.pages import add_pages, guarding
from stream_app.pipeline import Pipeline
from stream_app.pump import Pump
from stream_app.scorer_app import ScorerApp
from stream_app.scoring import score as scoring
from stream_app.scoring.score import Scored
from stream_app.settings import ScorerSettings
from stream_app.swap.first import First
from stream_app.transport.batches import Batch
from stream_app.watchdog import Watchdog
from stream_app.worker import ScorerWorker


def build(settings: ScorerSettings, first: First | None = None) -> ScorerApp:
    """The app, ready for a worker: `ScorerWorker` opens its pipeline, with `first` if given."""
    app = ScorerApp(
        settings,
        first,
        Worker=ScorerWorker,
        agent_supervisor=CrashingSupervisor,
        web_application_options={"middlewares": [guarding(access_policy(settings))]},
    )
    customers = app.channel(maxsize=1)

    async def predictions(work: tuple[Batch, Scored]) -> None:
        await _pump(app).commit(work)

    @app.agent(customers, sink=[predictions])
    async def score(batches: AsyncIterable[Batch]) -> AsyncIterator[tuple[Batch, Scored]]:
        pipeline = _pipeline(app)
        async for batch in batches:
            yield batch, answers(pipeline, batch)

    @app.task  # type: ignore[untyped-decorator]  # Faust does not type it
    async def feed() -> None:
        app.flow_control.resume()  # without a consumer of Faust's own, nobody else does
        app.pump = Pump(customers, _pipeline(app), app.end)
        app.pump.progress.turn()  # the start, which may have taken long, is no batch's age
        Watchdog(app.pump.progress, settings.progress_timeout).start()
        watcher = _pipeline(app).watcher
        if watcher is not None:
            watcher.start()
        await app.add_runtime_dependency(app.pump)

    @app.on_before_shutdown.connect
    async def drain(*_: Any, **__: Any) -> None:
        if app.pump is not None:
            await app.pump.drain()
        if app.pipeline is not None and app.pipeline.watcher is not None:
            app.pipeline.watcher.end()

    add_pages(app)
    return app


def answers(pipeline: Pipeline, batch: Batch) -> Scored:
    """The batch, scored by the models of this moment: read once, and so it has one version."""
    serving = pipeline.models.now
    now = round(time.time() * 1000)
    return scoring.score(batch.messages, serving.champion, now, pipeline.limits, serving.shadow)


def _pipeline(app: ScorerApp) -> Pipeline:
    if app.pipeline is None:
        raise RuntimeError("the worker has not opened its pipeline")
    return app.pipeline


def _pump(app: ScorerApp) -> Pump:
    if app.pump is None:
        raise RuntimeError("the pump has not started")
    return app.pump
