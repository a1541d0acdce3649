"""Who may do what: one table, read by every capability; and who sees which record.

A rule is (role, capability, whose record). `own` is the record of the person's own party or organization, or their own person.
What is not in the table is refused, and the refusal says who may.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from handlers.conversation.press import press
from handlers.conversation.reply import Action
from handlers.conversation.text import Code, Series, Text, Value

Scope = Literal["own", "any"]
ROLES = ("secretariat", "chair", "focal_point", "donor", "observer")

ACCESS: tuple[tuple[str, str, Scope], ...] = (
    ("focal_point", "need.write", "own"),
    ("focal_point", "activity.write", "own"),
    ("focal_point", "submission.write", "own"),
    ("focal_point", "subscription.write", "own"),
    ("focal_point", "deadline.read", "own"),
    ("donor", "activity.write", "own"),
    ("donor", "match.answer", "own"),
    ("donor", "subscription.write", "own"),
    ("donor", "deadline.read", "any"),
    ("chair", "deadline.read", "any"),
    ("chair", "subscription.write", "own"),
    ("observer", "deadline.read", "any"),
    ("observer", "subscription.write", "own"),
    ("secretariat", "deadline.read", "any"),
    ("secretariat", "subscription.write", "own"),
    ("secretariat", "session.manage", "any"),
    ("secretariat", "people.approve", "any"),
    ("secretariat", "people.end", "any"),
    ("secretariat", "digest.now", "any"),
    ("secretariat", "channel.manage", "any"),
    ("secretariat", "policy.manage", "any"),
    ("secretariat", "words.manage", "any"),
)
"""Anything a State says in its name is the focal point's alone: the secretariat has no `need.write` (DOMAIN: the world)."""

VISIBILITY = ("secretariat", "donors", "parties", "public")
"""From the narrowest to the widest; a record is seen by those named and everybody before them."""

_SEES: dict[str, str] = {
    "secretariat": "secretariat", "donor": "donors", "focal_point": "parties", "chair": "parties", "observer": "public",
}  # fmt: skip


class Refused(Exception):
    """The house says no, in a code: the dispatcher turns it into words (`refused.<code>`), undoes the turn's effects, audits it."""

    def __init__(self, code: str, /, *actions: Action, **params: Value) -> None:
        super().__init__(code)
        self.code = code
        self.actions = actions
        self.params = params

    @property
    def text(self) -> Text:
        return Text(f"refused.{self.code}", self.params)


@dataclass(frozen=True, slots=True)
class Role:
    """One appointment: as what, for which party and convention, or for which organization."""

    role: str
    party: str | None = None
    organization_id: int | None = None
    organization: str | None = None
    convention: str | None = None
    standing: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The person of a turn, as the rules see them."""

    id: int
    name: str
    language: str
    zone: str
    roles: tuple[Role, ...] = ()
    handle: str | None = None

    def holds(self, role: str) -> bool:
        return any(held.role == role for held in self.roles)

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties this person speaks for as focal point."""
        return tuple(dict.fromkeys(r.party for r in self.roles if r.role == "focal_point" and r.party))

    @property
    def organizations(self) -> tuple[Role, ...]:
        """The appointments of this person at donors and other providers."""
        return tuple(r for r in self.roles if r.role == "donor" and r.organization_id is not None)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose record it is: a party's, an organization's, or a person's own.

    `conventions` are those a party's record touches, `UNTOC` standing for its Protocols too: any one of them makes it its focal point's
    (DESIGN 6). Without any, it is every focal point's of the party.
    """

    party: str | None = None
    organization_id: int | None = None
    person_id: int | None = None
    conventions: tuple[str, ...] = ()


def may(actor: Actor, capability: str, owner: Owner | None = None) -> bool:
    """Whether the table lets `actor` do it to a record of `owner`; without an owner, whether to any record at all."""
    return any(_grants(actor, held, capability, owner) for held in actor.roles)


def _grants(actor: Actor, held: Role, capability: str, owner: Owner | None) -> bool:
    for role, allowed, scope in ACCESS:
        if role == held.role and allowed == capability and (scope == "any" or owner is None or _owns(actor, held, owner)):
            return True
    return False


def _owns(actor: Actor, held: Role, owner: Owner) -> bool:
    return (
        (owner.party is not None and held.party == owner.party and _speaks_on(held, owner))
        or (owner.organization_id is not None and held.organization_id == owner.organization_id)
        or (owner.person_id is not None and actor.id == owner.person_id)
    )


def _speaks_on(held: Role, owner: Owner) -> bool:
    return not owner.conventions or held.convention in owner.conventions


def require(actor: Actor, capability: str, owner: Owner | None = None) -> None:
    """Refused, naming who may, unless the table allows it."""
    if may(actor, capability, owner):
        return
    if not actor.roles:
        raise Refused("no_role", Action(id=press("form.new", "role"), label=Text("offer.role"), style="primary"))
    if owner and owner.conventions and may(actor, capability, replace(owner, conventions=())):
        concerned = Series(tuple(Text(f"convention_wanted.{convention}") for convention in owner.conventions), "or")
        raise Refused("other_convention", party=Code("party", owner.party or ""), convention=concerned)
    if owner and owner.party and may(actor, capability):
        raise Refused("other_partys", party=Code("party", owner.party))
    raise Refused("not_allowed", who=_named(who_may(capability)))


def who_may(capability: str) -> tuple[str, ...]:
    """The roles the table gives a capability to, in the order of `ROLES`."""
    allowed = {role for role, what, _ in ACCESS if what == capability}
    return tuple(role for role in ROLES if role in allowed)


def _named(roles: Iterable[str]) -> Series:
    return Series(tuple(Text(f"role.{role}") for role in roles), "or")


def visible_to(actor: Actor) -> frozenset[str]:
    """The visibility levels a person sees of records that are not their own; without a role, none but public ones."""
    narrowest = min((VISIBILITY.index(_SEES[held.role]) for held in actor.roles), default=VISIBILITY.index("public"))
    return frozenset(VISIBILITY[narrowest:])


def reading_along(actor: Actor, audience: str) -> Actor:
    """Whoever reads in a place of this audience level, whoever they are: nobody in particular, whose nothing is."""
    role = next((role for role in ROLES if _SEES[role] == audience and role != "observer"), None)
    return replace(actor, id=0, roles=(Role(role),) if role else ())


def sees(actor: Actor, visibility: str, owner: Owner) -> bool:
    """Whether a person sees a record: by its visibility, or because it is their own party's, organization's or their own."""
    return visibility in visible_to(actor) or any(_owns(actor, held, owner) for held in actor.roles)
