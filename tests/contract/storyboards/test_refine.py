"""`refine`, `reorder` and `approve`: answers, errors, their order, counts and costs."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contract.storyboards.world import DESCRIPTION, IMAGE_PROMPT, PRICE, World, refused

NEITHER = "Must provide either new_image_prompt or new_description"
INVALID = "Failed to reorder scenes. Check that all scene numbers are valid."


@pytest.mark.main_path
def test_a_new_picture_is_there_when_the_answer_comes(world: World) -> None:
    job_id = world.approved()
    before = world.job(job_id)
    answer = world.refine(job_id, scene_number=2, new_image_prompt=IMAGE_PROMPT)
    assert answer.status_code == 200
    after = answer.json()
    assert (after["status"], after["approved"]) == ("storyboard_ready", False)
    old, new = before["storyboard"][1], after["storyboard"][1]
    assert new["scene"]["image_prompt"] == IMAGE_PROMPT
    assert new["scene"]["description"] == old["scene"]["description"]
    assert new["image_url"] != old["image_url"]
    assert world.client.get(new["image_url"]).content != b""
    assert [each for i, each in enumerate(after["storyboard"]) if i != 1] == [
        each for i, each in enumerate(before["storyboard"]) if i != 1
    ]
    assert after["estimated_cost"] == pytest.approx(before["estimated_cost"] + PRICE)
    assert after["actual_cost"] == pytest.approx(before["actual_cost"] + PRICE)
    meta = world.metadata(job_id)
    assert meta["metrics"]["refinement_count"] == 1
    assert (meta["approved"], meta["approved_at"]) == (False, None)
    assert len(world.files(job_id)) == 6, "the old picture is removed"


def test_a_description_alone_counts_and_costs_nothing(world: World) -> None:
    job_id = world.approved()
    before = world.job(job_id)
    after = world.refine(job_id, scene_number=3, new_description=DESCRIPTION).json()
    assert after["storyboard"][2]["scene"]["description"] == DESCRIPTION
    assert after["storyboard"][2]["image_url"] == before["storyboard"][2]["image_url"]
    assert (after["estimated_cost"], after["approved"]) == (before["estimated_cost"], False)
    assert world.metadata(job_id)["metrics"]["refinement_count"] == 1


def test_both_at_once_is_one_refinement(world: World) -> None:
    job_id = world.ready()
    answer = world.refine(
        job_id, scene_number=1, new_image_prompt="Epic opening shot", new_description="Opening scene"
    )
    scene = answer.json()["storyboard"][0]["scene"]
    assert (scene["image_prompt"], scene["description"]) == ("Epic opening shot", "Opening scene")
    assert world.metadata(job_id)["metrics"]["refinement_count"] == 1


def test_the_same_prompt_again_gives_another_picture(world: World) -> None:
    job_id = world.ready()
    urls = [
        world.refine(job_id, scene_number=1, new_image_prompt=IMAGE_PROMPT).json()["storyboard"][0][
            "image_url"
        ]
        for _ in range(2)
    ]
    assert urls[0] != urls[1]


def test_five_are_the_limit_and_checked_before_the_parameters(world: World) -> None:
    job_id = world.ready()
    for _ in range(5):
        assert world.refine(job_id, scene_number=1, new_description=DESCRIPTION).status_code == 200
    limit = "Maximum refinement limit (5) reached for this job"
    refused(world.refine(job_id, scene_number=1, new_description=DESCRIPTION), 429, limit)
    refused(world.refine(job_id, scene_number=1), 429, limit)
    refused(world.refine(job_id, scene_number=99, new_description=DESCRIPTION), 429, limit)
    assert world.metadata(job_id)["metrics"]["refinement_count"] == 5


def test_a_failed_picture_is_neither_counted_nor_charged(world: World) -> None:
    job_id = world.approved()
    before = world.job(job_id)
    world.illustrator.fail("temple", "API timeout.")
    answer = world.refine(job_id, scene_number=2, new_image_prompt=IMAGE_PROMPT)
    refused(answer, 500, "Failed to regenerate image: API timeout")
    assert world.job(job_id) == before, "the approval stays too"
    assert world.metadata(job_id)["metrics"]["refinement_count"] == 0
    world.illustrator.failing.clear()
    assert world.refine(job_id, scene_number=2, new_image_prompt=IMAGE_PROMPT).status_code == 200


def test_errors_come_in_their_order(world: World) -> None:
    refused(world.refine(999_999, scene_number=1), 404, "Job not found")
    world.illustrator.gate.close()
    pending = world.generate()
    world.until(pending, "generating_storyboard")
    not_ready = "Storyboard not ready for refinement. Current status: generating_storyboard"
    refused(world.refine(pending, scene_number=1), 400, not_ready)
    world.illustrator.gate.open()
    world.until(pending, "storyboard_ready")
    refused(world.refine(pending, scene_number=1), 400, NEITHER)
    refused(world.refine(pending, scene_number=99), 400, NEITHER)
    for number in (0, 7, -1, 10**20):
        answer = world.refine(pending, scene_number=number, new_description=DESCRIPTION)
        refused(answer, 400, f"Scene {number} not found. This job has scenes 1 to 6.")


@pytest.mark.parametrize(
    "parameters",
    [
        {"new_description": DESCRIPTION},
        {"scene_number": "one", "new_description": DESCRIPTION},
        {"scene_number": 1, "new_description": "short"},
        {"scene_number": 1, "new_description": "d" * 1001},
        {"scene_number": 1, "new_image_prompt": "short"},
        {"scene_number": 1, "new_image_prompt": "p" * 2001},
    ],
)
def test_parameters_of_the_wrong_shape_are_422(world: World, parameters: dict[str, object]) -> None:
    assert world.refine(999_999, **parameters).status_code == 422


def test_longest_and_shortest_texts_are_taken(world: World) -> None:
    job_id = world.ready(duration=5)
    assert world.refine(job_id, scene_number=1, new_image_prompt="p" * 2000).status_code == 200
    assert world.refine(job_id, scene_number=1, new_image_prompt="p" * 10).status_code == 200
    assert world.refine(job_id, scene_number=1, new_description="d" * 1000).status_code == 200
    assert world.refine(job_id, scene_number=1, new_description="d" * 10).status_code == 200


def test_two_at_once_one_is_drawn_the_other_conflicts(world: World) -> None:
    job_id = world.ready()
    world.illustrator.gate.close()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(world.refine, job_id, scene_number=2, new_image_prompt=IMAGE_PROMPT)
        assert world.illustrator.gate.reached.wait(30)
        busy = "A scene of this job is being regenerated. Try again when that is done."
        refused(world.refine(job_id, scene_number=2, new_image_prompt=IMAGE_PROMPT), 409, busy)
        refused(world.refine(job_id, scene_number=3, new_description=DESCRIPTION), 409, busy)
        refused(world.reorder(job_id, 6, 5, 4, 3, 2, 1), 409, busy)
        refused(world.post(f"/jobs/{job_id}/approve"), 409, busy)
        world.illustrator.gate.open()
        assert first.result(30).status_code == 200
    assert world.metadata(job_id)["metrics"]["refinement_count"] == 1
    assert world.post(f"/jobs/{job_id}/approve").status_code == 200


@pytest.mark.main_path
def test_many_at_once_never_pass_the_limit(world: World) -> None:
    job_id = world.ready()
    start = threading.Barrier(8)

    def go(_: int) -> int:
        start.wait()
        return int(world.refine(job_id, scene_number=1, new_description=DESCRIPTION).status_code)

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(go, range(8)))
    assert statuses == [200] * 5 + [429] * 3


def test_deleted_while_a_picture_is_drawn(world: World) -> None:
    job_id = world.ready()
    world.illustrator.gate.close()
    with ThreadPoolExecutor(1) as pool:
        refining = pool.submit(world.refine, job_id, scene_number=2, new_image_prompt=IMAGE_PROMPT)
        assert world.illustrator.gate.reached.wait(30)
        assert world.client.delete(f"/api/v2/jobs/{job_id}").status_code == 204
        world.illustrator.gate.open()
        assert refining.result(30).status_code in {404, 500}
    assert world.files(job_id) == []


def test_scenes_change_places_and_are_numbered_anew(world: World) -> None:
    job_id = world.approved()
    before = world.job(job_id)["storyboard"]
    after = world.reorder(job_id, 6, 2, 3, 4, 5, 1)
    assert after.status_code == 200
    job = after.json()
    assert (job["status"], job["approved"]) == ("storyboard_ready", False)
    assert [each["scene"]["scene_number"] for each in job["storyboard"]] == [1, 2, 3, 4, 5, 6]
    moved = [before[index - 1]["scene"]["description"] for index in (6, 2, 3, 4, 5, 1)]
    assert [each["scene"]["description"] for each in job["storyboard"]] == moved
    assert world.metadata(job_id)["metrics"]["refinement_count"] == 0
    # Numbers are today's: the same request again goes back.
    again = world.reorder(job_id, 6, 2, 3, 4, 5, 1).json()["storyboard"]
    assert [each["scene"]["description"] for each in again] == [
        each["scene"]["description"] for each in before
    ]


@pytest.mark.parametrize(
    "order", [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 5], [0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7], [-1], [10**30]]
)
def test_an_order_must_name_each_scene_once(world: World, order: list[int]) -> None:
    job_id = world.approved()
    refused(world.reorder(job_id, *order), 400, INVALID)
    assert world.job(job_id)["approved"]


def test_an_order_must_be_there(world: World) -> None:
    job_id = world.ready(duration=5)
    refused(world.post(f"/jobs/{job_id}/reorder"), 400, "scene_order cannot be empty")
    refused(world.post("/jobs/999999/reorder"), 404, "Job not found")
    assert world.post(f"/jobs/{job_id}/reorder?scene_order=one").status_code == 422


def test_only_a_ready_storyboard_can_be_approved(world: World) -> None:
    refused(world.post("/jobs/999999/approve"), 404, "Job not found")
    world.illustrator.gate.close()
    job_id = world.generate(duration=5)
    world.until(job_id, "generating_storyboard")
    message = "Storyboard not ready for approval. Current status: generating_storyboard"
    refused(world.post(f"/jobs/{job_id}/approve"), 400, message)
    refused(world.reorder(job_id, 1, 2, 3), 400, message.replace("approval", "reordering"))
    world.illustrator.gate.open()
    world.until(job_id, "storyboard_ready")
    first = world.post(f"/jobs/{job_id}/approve").json()
    assert (first["status"], first["approved"]) == ("storyboard_ready", True)
    approved_at = world.metadata(job_id)["approved_at"]
    assert approved_at is not None
    assert world.post(f"/jobs/{job_id}/approve").json() == first
    assert world.metadata(job_id)["approved_at"] == approved_at


def test_a_refinement_does_not_wait_behind_the_long_film_of_another(world: World) -> None:
    long, mine = world.approved(), world.ready(duration=5)
    world.films.gate.close()
    world.post(f"/jobs/{long}/render")
    assert world.films.gate.reached.wait(30), "the only worker is at work"
    answer = world.refine(mine, scene_number=1, new_image_prompt=IMAGE_PROMPT)
    assert (answer.status_code, answer.json()["status"]) == (200, "storyboard_ready")
    assert world.job(long)["status"] == "rendering"
    world.films.gate.open()
    world.until(long, "completed")
