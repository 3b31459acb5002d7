"""One slot that is filled by Firstcall's real processes, while something goes wrong."""

from __future__ import annotations

from crm.models import Patient
from tests.faults.invariants import broken, check_at_rest, check_filled, unsettled
from tests.faults.outside import Outside
from tests.faults.processes import Firstcall, wait_until, wait_until_none
from waitlist.models import Offer, Opening
from waitlist.states import OpeningStatus

#: Workers start, the lease of the dead ones ends, the sweep comes by, the fill goes on: here
#: within seconds, on a machine with other things to do as well.
SETTLED_WITHIN = 120
WORKERS = ("worker-fill", "worker-io")


class Fill:
    """One slot, two candidates, and the processes that fill it."""

    def __init__(self, outside: Outside, firstcall: Firstcall) -> None:
        self.outside, self.firstcall = outside, firstcall
        self.first = outside.add_candidate(days=42)
        self.second = outside.add_candidate(days=30)

    def cancel(self) -> None:
        self.outside.cancel()
        assert self.outside.notify() == 202

    def wait_for_texts(self) -> None:
        """Everybody of the first wave has been asked, and nothing is under way."""
        wait_until(self.asked, within=SETTLED_WITHIN, what=unsettled)
        wait_until_none(self._unsettled, within=SETTLED_WITHIN)

    def wait_for_asked(self) -> None:
        """Somebody has been asked, whatever else is under way."""
        wait_until(self.asked, within=SETTLED_WITHIN, what=unsettled)

    def asked(self) -> list[Offer]:
        """The offers, once a text is out; looking is also when a supervisor would look."""
        self.firstcall.revive()
        offers = Offer.objects.filter(slot=self.outside.slot).select_related("patient")
        return list(offers.order_by("pk")) if self.outside.texts() else []

    def winner(self) -> Patient:
        """Who will say yes: the first that was asked."""
        return self.asked()[0].patient

    def say_yes(self) -> None:
        assert self.outside.reply(self.winner(), "Yes") == 200

    def kill_workers(self) -> None:
        self.firstcall.kill(*WORKERS)
        self.check_meanwhile()

    def check_meanwhile(self) -> None:
        assert not broken(ehr=self.outside.visits(), texts=self.outside.texts())

    def restart(self) -> None:
        self.firstcall.start(*WORKERS)

    def check_comes_right(self) -> None:
        """The rest of the story, from wherever it stood."""
        wait_until(self.asked, within=SETTLED_WITHIN, what=unsettled)
        wait_until_none(self._unsettled, within=SETTLED_WITHIN)
        if Opening.objects.get(slot=self.outside.slot).status == OpeningStatus.OFFERING:
            self.say_yes()
        wait_until(self._is_filled, within=SETTLED_WITHIN, what=unsettled)
        wait_until_none(self._unsettled, within=SETTLED_WITHIN)
        won = check_filled(self.outside.slot)
        check_at_rest(ehr=self.outside.visits(), texts=self.outside.texts())
        assert len(self.outside.texts_to(won.patient)) == 3  # asked, pending, booked

    def _unsettled(self) -> list[str]:
        self.firstcall.revive()
        return unsettled()

    def _is_filled(self) -> bool:
        self.firstcall.revive()
        return Opening.objects.get(slot=self.outside.slot).status == OpeningStatus.FILLED
