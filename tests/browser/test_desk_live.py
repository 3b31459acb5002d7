"""When the left column of the desk looks again (for its own, once for a burst), and its keys."""

from __future__ import annotations

from itertools import count

from playwright.sync_api import Page, Request, expect

from crm.live.channel import Notice
from crm.models import Queue
from tests.browser.desk_house import House
from tests.cast import Cast
from tests.crm.live_server import Bus

_ids = count(20_000)


def test_looks_again_for_its_own_and_once_for_a_burst(
    listening: Page, house: House, bus: Bus, cast: Cast
) -> None:
    looks: list[str] = []

    def note(request: Request) -> None:
        if "/desk/left/" in request.url:
            looks.append(request.url)

    def entered(queue: int) -> None:
        bus.publish(
            Notice(next(_ids), "crm.queue-entered", "crm.queueentry", 1, contact=9, queue=queue)
        )

    listening.on("request", note)
    listening.evaluate("document.getElementById('listed').dataset.within = 1000")
    listening.evaluate("Math.random = () => 0.5")
    entered(Queue.objects.get(code="main").pk + 1)
    bus.publish(
        Notice(
            next(_ids),
            "crm.contact-taken",
            "crm.interaction",
            9,
            contact=9,
            agent=cast.agent.pk + 1,
        )
    )
    listening.wait_for_timeout(800)
    assert looks == []
    with listening.expect_response(lambda answer: "/desk/left/" in answer.url):
        for _ in range(3):
            entered(Queue.objects.get(code="main").pk)
    assert len(looks) == 1
    with listening.expect_response(lambda answer: "/desk/left/" in answer.url):
        bus.publish(Notice(next(_ids), "crm.agent-changed", "crm.agent", 1, agent=cast.agent.pk))
    assert len(looks) == 2


def test_shows_its_keys_at_a_question_mark(listening: Page) -> None:
    keys = listening.get_by_role("dialog", name="Keys")
    listening.keyboard.press("?")
    expect(keys).to_contain_text("Hold the first free time")
    listening.keyboard.press("Escape")
    expect(keys).to_be_hidden()
