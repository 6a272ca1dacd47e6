"""Which parts of a recording become clips: by our own measure, or as a configured model judges them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from videocraft.core.jobs.context import JobContext
from videocraft.generation import ranking
from videocraft.generation.base import GenerationStopped, ProviderConfig, ProviderError
from videocraft.media.highlights import Choice, Highlight, Judged, Material, choose


def choose_parts(context: JobContext, material: Material, asked: Mapping[str, Any]) -> Choice:
    """The best parts; when a model can't be used, a warning says so and our own measure takes its place."""
    best = partial(
        choose,
        material,
        asked["prompt"],
        count=asked["count"],
        longest=asked["max_duration"],
        shortest=asked["min_duration"],
    )
    if context.settings.ranker == "builtin":
        return best()
    try:
        return best(judge=partial(_judge, context, asked["prompt"]))
    except ProviderError as error:
        context.warn(
            "The clips were chosen by the built-in measure, since the model could not rank them: "
            f"{error.message}"
        )
        return best()
    except GenerationStopped:
        context.check()
        raise


def _judge(context: JobContext, prompt: str, candidates: Sequence[Highlight]) -> list[Judged]:
    """Ask the model; its answer is kept as a stage, so that a job that goes on does not pay for it again."""
    settings = context.settings
    key = settings.openai_api_key
    config = ProviderConfig(
        provider=settings.ranker,
        base_url=settings.openai_base_url,
        api_key=key.get_secret_value() if key is not None else "",
        model=settings.openai_model,
    )
    passages = [ranking.Passage(each.text, each.end - each.start) for each in candidates]

    def make(path: Path) -> None:
        context.log(f"Asking {config.model} which parts are the best")
        judged = ranking.rank(config, prompt, passages, should_stop=context.should_stop)
        path.write_text(json.dumps([[each.index, each.score, each.reason] for each in judged]))

    facts = {
        "job": context.job_id,
        "server": [config.base_url, config.model],
        "prompt": prompt,
        "passages": [[each.text, each.seconds] for each in passages],
    }
    return [Judged(*each) for each in json.loads(context.stage("ranking.json", facts, make).read_text())]
