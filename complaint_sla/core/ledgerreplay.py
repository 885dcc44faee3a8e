"""What a complaint's events say of its alerts, folded into the rows of the ledger that must stand.

Stages are derived from the timeline; of what an event says only the people chosen are believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from complaint_sla.core import fates, handover
from complaint_sla.core.chain import Link
from complaint_sla.core.complaints import State, Status
from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.fates import AlertKey, Fate
from complaint_sla.core.healing import Settled
from complaint_sla.core.ledger import Expected
from complaint_sla.core.owed import AlertState
from complaint_sla.core.roster import is_nobody
from complaint_sla.core.rulebook import HANDED_OVER, Facts
from complaint_sla.core.timeline import Timeline


class LedgerReplay:
    """The rows of the ledger after all events that were taken. `Replay` tells it facts and timeline as they are at each."""

    facts: Facts
    _timeline: Timeline | None

    def __init__(self) -> None:
        self.differences: list[Difference] = []
        # The last event that put right what a wrong clock had done (0: none), and how far the stages have been accounted for.
        self.healed_by = 0
        self.through: datetime | None = None
        self._settled = Settled()
        self.ledger: dict[AlertKey, Expected] = {}

    def _alerts(self, event: Link, said: Mapping[str, Any], state: State) -> None:
        self._expect(event, "generation", said["generation"], state.generation)
        if "raised" in said:
            # No moment is asked for: a clock that was set back raises what it finds, and changes no status by that.
            if state.status is not Status.OPEN:
                self._differ(Check.ORDER, f"{event.seq} {event.kind}")
            self._raised(event, said, state.generation)
        if "healed" in said:
            self.healed_by = event.seq
            self._healed(event, said["healed"], state)
        for one in said.get("resumed", ()):
            key = AlertKey(_generation(one, state), one["stage"], one["occurrence"], one["recipient"])
            if key in self.ledger:
                self.ledger[key].fate.owe(event.seq)
            else:
                self._differ(Check.EVENT, f"{event.seq} {event.kind}.resumed", str(key))
        if "handed_over" in said:
            self._handed_over(event, said["handed_over"], state)
        # Newest first, as it was decided who has something later.
        for one in reversed(said.get("redirected", ())):
            self._redirected(event, one, _generation(one, state))

    def _raised(self, event: Link, said: Mapping[str, Any], generation: int) -> None:
        passed = (*said["superseded"], {**said["raised"], "recipients": said["recipients"]})
        stage_roles = {}
        if self._timeline is not None:
            settled = self._timeline.settle(self.through, event.happened_at).passed
            derived = [_entry(one.stage.key, one.occurrence, one.stands_for, one.moment) for one in settled]
            stated = [
                _entry(one["stage"], one["occurrence"], one["stands_for"], _moment(one)) for one in passed
            ]
            if derived != stated:
                self._differ(Check.STAGES, f"{event.seq} {event.kind}", stated, derived)
            stage_roles = {one.stage.key: one.stage.roles for one in settled}
        self.through = event.happened_at
        self._settled.take(event.happened_at, said)
        everybody = frozenset(role for roles in stage_roles.values() for role in roles)
        is_owed = said["fate"] == AlertState.WAITING
        fates.raised(self.ledger, filter(is_nobody, said["recipients"]) if is_owed else ())
        for one in passed:
            latest = one is passed[-1]
            fate = fates.SUPERSEDED if not latest else fates.OWED if is_owed else fates.DROPPED
            possible = everybody if latest else frozenset(stage_roles.get(one["stage"], ()))
            for recipient, roles in one["recipients"].items():
                key = AlertKey(generation, one["stage"], one["occurrence"], recipient)
                known = self.ledger.get(key)
                if known is not None:
                    # A clock that ran ahead had it sent before its time: it is not owed twice.
                    known.possible = known.possible | possible if known.possible and possible else None
                    continue
                self.ledger[key] = Expected(
                    one["stands_for"],
                    _moment(one),
                    event.happened_at,
                    self.facts.urgent,
                    set(roles),
                    possible or None,
                    Fate.begun(event.seq, fate),
                )

    def _healed(self, event: Link, healed: Mapping[str, Any], state: State) -> None:
        """What a wrong clock had raised, and nobody was sent, was never owed."""
        derived = self._settled.rightly(event.happened_at)
        self._settled.take(event.happened_at, {"healed": healed})
        self.through = None if healed["through"] is None else datetime.fromisoformat(healed["through"])
        self._expect(event, "healed.through", self.through, derived)
        for name in ("taken_back", "again"):
            for one in healed[name]:
                key = AlertKey(_generation(one, state), one["stage"], one["occurrence"], one["recipient"])
                owed = self.ledger.get(key)
                early = (
                    owed is not None
                    and key.generation == state.generation
                    and key.stage != HANDED_OVER.key
                    and (self.through is None or owed.stage_at > self.through)
                )
                if owed is None or early is not (name == "taken_back"):
                    self._differ(Check.EVENT, f"{event.seq} {event.kind}.healed", str(key))
                elif name == "taken_back":
                    del self.ledger[key]
                else:
                    owed.fate.owe(event.seq)
        fates.healed(self.ledger, (one["recipient"] for one in healed["taken_back"]))

    def _handed_over(self, event: Link, one: Mapping[str, Any], state: State) -> None:
        so_far = {key for key in self.ledger if key[:2] == (state.generation, HANDED_OVER.key)}
        number = handover.occurrence(key.occurrence for key in so_far)
        self._expect(event, "handed_over", one["occurrence"], number)
        pressing = handover.is_pressing(
            urgent=self.facts.urgent,
            breached_at=state.breached_at,
            due_at=state.due_at,
            now=event.happened_at,
        )
        for recipient, roles in one["recipients"].items():
            at = event.happened_at
            self.ledger[AlertKey(state.generation, HANDED_OVER.key, number, recipient)] = Expected(
                1, at, at, pressing, set(roles), frozenset(roles), Fate.begun(event.seq, fates.OWED)
            )

    def _redirected(self, event: Link, one: Mapping[str, Any], generation: int) -> None:
        of = (generation, one["stage"], one["occurrence"])
        pattern = next((owed for key, owed in self.ledger.items() if key[:3] == of), None)
        if pattern is None:
            name = f"{event.seq} {event.kind}.redirected"
            self._differ(Check.EVENT, name, named(one["stage"], one["occurrence"]))
            return
        new = {recipient for recipient in one["recipients"] if AlertKey(*of, recipient) not in self.ledger}
        for recipient, roles in one["recipients"].items():
            owed = self.ledger.get(AlertKey(*of, recipient))
            if owed is not None:
                owed.roles.update(roles)
                continue
            self.ledger[AlertKey(*of, recipient)] = Expected(
                pattern.stands_for,
                pattern.stage_at,
                event.happened_at,
                pattern.urgent if one["stage"] == HANDED_OVER.key else self.facts.urgent,
                set(roles),
                pattern.possible,
                Fate.begun(event.seq, fates.OWED),
            )
        fates.redirected(self.ledger, event.seq, of, one["recipients"], new)

    def _expect(self, event: Link, name: str, stored: object, derived: object) -> None:
        if stored != derived:
            self._differ(Check.EVENT, f"{event.seq} {event.kind}.{name}", stored, derived)

    def _differ(self, check: Check, name: str, stored: object = None, derived: object = None) -> None:
        self.differences.append(Difference(check, name, stored, derived))


def _generation(one: Mapping[str, Any], state: State) -> int:
    """The generation of an occurrence: that of an earlier deadline is said."""
    generation: int = one.get("generation", state.generation)
    return generation


def _moment(one: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(one["stage_at"])


def named(stage: str, occurrence: int) -> str:
    return stage if occurrence == 1 else f"{stage}/{occurrence}"


def _entry(stage: str, occurrence: int, stands_for: int, moment: datetime) -> str:
    many = f" ×{stands_for}" if stands_for != 1 else ""
    return f"{named(stage, occurrence)}{many} {moment.isoformat()}"
