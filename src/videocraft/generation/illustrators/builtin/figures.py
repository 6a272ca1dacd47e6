"""People: a body on a skeleton, in clothes, lit from one side."""

from __future__ import annotations

from dataclasses import dataclass

from videocraft.generation.illustrators.builtin.drawing import Colour, Drawing, Point, mix, rgb, shade, times
from videocraft.generation.illustrators.builtin.heads import HeadStyle, draw_head
from videocraft.generation.illustrators.builtin.idea import Headwear, Outfit, Person, Pose
from videocraft.generation.illustrators.builtin.people import Appearance, appearance
from videocraft.generation.illustrators.builtin.poses import SKELETONS, TALL, Skeleton

_SKIRTED = frozenset({Outfit.DRESS, Outfit.ROBE, Outfit.CLOAK})
_BULKY = {
    Outfit.SPACESUIT: 1.45,
    Outfit.ARMOR: 1.15,
    Outfit.ROBOT: 0.95,
    Outfit.ROBE: 1.15,
    Outfit.COAT: 1.08,
}


@dataclass(frozen=True)
class Dressed:
    """A person's colours in the light, and which way the light comes."""

    person: Person
    look: Appearance
    top: Colour
    bottom: Colour
    skin: Colour
    hair: Colour
    accent: Colour
    shoes: Colour
    light: Colour
    side: int


def dress(person: Person, ambient: Colour, light: Colour, side: int, dim: float) -> Dressed:
    """A person's colours under a light; ``dim`` below 1 turns them towards a silhouette."""
    look = appearance(person)

    def under(colour: Colour) -> Colour:
        return shade(times(colour, ambient), dim)

    return Dressed(
        person, look, under(look.top), under(look.bottom), under(look.skin), under(look.hair),
            under(look.accent),
        under(look.shoes), light, side,
    )  # fmt: skip


def draw_person(
    drawing: Drawing, who: Dressed, pose: Pose, x: float, foot: float, height: float, rim: Colour,
    *, mirror: bool = False, rim_width: float = 2.2,
) -> None:  # fmt: skip
    """Stand a person at (x, foot), ``height`` units tall if grown up and upright."""
    scale = height * who.person.height / TALL
    skeleton = SKELETONS[pose]
    turn = 90.0 if pose is Pose.LIE else 0.0
    at = (x, foot - (6 * scale if pose is Pose.LIE else 0.0))
    side = -who.side if mirror else who.side
    body = _Body(drawing, who, skeleton, side, detail=height > 330, child=who.person.height < 0.8)

    def draw() -> None:
        with drawing.placed(*at, scale, mirror=mirror, turn=turn):
            body.draw()

    drawing.rimmed(draw, rim, who.side * rim_width, -rim_width * 0.7)


class _Body:
    def __init__(
        self, drawing: Drawing, who: Dressed, bones: Skeleton, side: int, *, detail: bool, child: bool
    ) -> None:
        self.d, self.who, self.bones, self.side, self.detail, self.child = (
            drawing,
            who,
            bones,
            side,
            detail,
            child,
        )
        self.outfit = who.person.outfit
        self.bulk = _BULKY.get(self.outfit, 1.0) * who.look.build
        half = 7.0 * self.bulk
        self.shoulders = (
            (bones.neck[0] - half, bones.neck[1] - 4.6),
            (bones.neck[0] + half, bones.neck[1] - 4.6),
        )
        if bones.side:
            # Seen from the side both shoulders lie close together.
            self.shoulders = (
                (bones.neck[0] + 1.2, bones.neck[1] - 4.4),
                (bones.neck[0] - 1.2, bones.neck[1] - 4.4),
            )

    def draw(self) -> None:
        bones, outfit = self.bones, self.outfit
        if outfit is Outfit.SPACESUIT or self.who.person.holds == "pack":
            self._pack()
        if outfit in {Outfit.CLOAK, Outfit.ARMOR} and not bones.back:
            self._cape(shade(self.who.top, 0.5) if outfit is Outfit.CLOAK else self.who.accent)
        self._arm(0, 0.8)
        self._leg(0, 0.8)
        self._leg(1, 1.0)
        self._torso()
        if outfit in {Outfit.CLOAK, Outfit.ARMOR} and bones.back:
            self._cape(self.who.top if outfit is Outfit.CLOAK else self.who.accent)
        self._neck()
        self._clothing_details()
        self._head()
        self._arm(1, 1.0)
        self._held()

    # -- parts ----------------------------------------------------------------------------------------

    def _leg(self, number: int, tone: float) -> None:
        knee, foot = self.bones.legs[number]
        spread = 0.0 if self.bones.side else (-3.6, 3.6)[number]
        hip = (self.bones.hip[0] + spread, self.bones.hip[1])
        cloth = self.who.skin if self.outfit is Outfit.DRESS else self.who.bottom
        if self.outfit in {Outfit.SPACESUIT, Outfit.ROBOT, Outfit.ARMOR, Outfit.SUIT, Outfit.UNIFORM}:
            cloth = shade(self.who.top, 0.85)
        wide = self.bulk if self.outfit is not Outfit.DRESS else self.bulk * 0.72
        self.d.limb(_down(hip, knee, foot), [8.6 * wide, 6.4 * wide, 4.6 * wide], shade(cloth, tone))
        toe = 4.2 if self.bones.side else (-2.4, 2.4)[number]
        boot = shade(self.who.shoes if self.outfit is not Outfit.SPACESUIT else self.who.top, tone * 0.9)
        x, y = foot
        self.d.smooth([(x - 2.6, -y - 1.5), (x + 2.6, -y - 1.5), (x + toe + 2.2, -y + 1.2),
            (x + toe, -y + 2), (x - 3, -y + 2)],
                      boot)  # fmt: skip

    def _arm(self, number: int, tone: float) -> None:
        elbow, hand = self.bones.arms[number]
        shoulder = self.shoulders[number]
        bare = self.outfit in {Outfit.DRESS, Outfit.SPORT}
        sleeve = self.who.skin if bare else self.who.top
        if self.outfit is Outfit.APRON:
            sleeve = self.who.accent
        wide = (
            self.bulk * (0.8 if bare else 1.0) * (1.25 if self.outfit in {Outfit.ROBE, Outfit.CLOAK} else 1.0)
        )
        self.d.ellipse(hand[0], -hand[1], 2.3, 2.6, shade(self._hand_colour(), tone))
        tip = (elbow[0] + (hand[0] - elbow[0]) * 0.9, elbow[1] + (hand[1] - elbow[1]) * 0.9)
        end = 5.6 if self.outfit is Outfit.ROBE else 3.7
        self.d.limb(_down(shoulder, elbow, tip), [5.2 * wide, 4.6 * wide, end * wide], shade(sleeve, tone))
        if self.outfit in {Outfit.ARMOR, Outfit.SPACESUIT, Outfit.ROBOT}:
            self.d.ellipse(shoulder[0], -shoulder[1] + 0.5, 4.4, 4.0, shade(self.who.top, tone * 1.08))

    def _hand_colour(self) -> Colour:
        return (
            self.who.top if self.outfit in {Outfit.SPACESUIT, Outfit.ROBOT, Outfit.ARMOR} else self.who.skin
        )

    def _torso(self) -> None:
        neck, hip, b = self.bones.neck, self.bones.hip, self.bulk
        across = (4.6, 4.6, 4.9) if self.bones.side else (8.6, 6.5, 7.0)
        top, waist, low = (part * b for part in across)
        if self.outfit is Outfit.DRESS:
            top, waist = top * 0.9, waist * 0.84
        middle = ((neck[0] + hip[0]) / 2, (neck[1] + hip[1]) / 2 - 3)
        left = [
            (neck[0] - top * 0.4, neck[1] + 0.4),
            (neck[0] - top, neck[1] - 3.4),
            (middle[0] - waist, middle[1]),
        ]
        right = [
            (neck[0] + top * 0.4, neck[1] + 0.4),
            (neck[0] + top, neck[1] - 3.4),
            (middle[0] + waist, middle[1]),
        ]
        hem, flare = self._hem(low)
        ground = self._hem_centre(hem)
        left += [(hip[0] - low, hip[1]), (ground[0] - flare, hem)]
        right += [(hip[0] + low, hip[1]), (ground[0] + flare, hem)]
        outline = [*left, *reversed(right)]
        self.d.smooth(_down(*outline), self.who.top)
        dark = left if self.side > 0 else right
        inner = [(neck[0] - (neck[0] - x) * 0.25 if abs(x - neck[0]) > 1 else x, y) for x, y in dark]
        self.d.smooth(_down(*dark, *reversed(inner)), shade(self.who.top, 0.72))

    def _hem(self, low: float) -> tuple[float, float]:
        """How far down the garment on the torso reaches, and its half width there."""
        hip = self.bones.hip[1]
        wide = 0.8 if self.bones.side else 1.0
        reach = {
            Outfit.DRESS: (hip * 0.42, 12.5 * wide), Outfit.ROBE: (2.0, 13 * wide),
                Outfit.CLOAK: (hip * 0.3, 10 * wide),
            Outfit.COAT: (hip * 0.5, 9.6 * wide), Outfit.APRON: (hip - 3, low),
        }.get(self.outfit)  # fmt: skip
        return reach or (hip - 2.5, low * 0.98)

    def _hem_centre(self, hem: float) -> Point:
        """A skirt hangs between the knees when the legs are bent forward."""
        knees = (self.bones.legs[0][0][0] + self.bones.legs[1][0][0]) / 2
        hip = self.bones.hip
        return (hip[0] + (knees - hip[0]) * (0.55 if hem < hip[1] - 6 else 0.0), hem)

    def _neck(self) -> None:
        neck, head = self.bones.neck, self.bones.head
        if self.outfit in {Outfit.SPACESUIT, Outfit.ROBOT}:
            self.d.limb(_down(neck, head), [7.0, 6.0], shade(self.who.top, 0.6))
            return
        low = (neck[0], neck[1] - 1.4)
        self.d.limb(_down(low, head), [4.7, 3.9], shade(self.who.skin, 0.76))

    def _head(self) -> None:
        who, (x, y) = self.who, self.bones.head
        style = HeadStyle(
            who.person, who.look, who.skin, who.hair, who.top, who.accent, who.light, self.side,
                self.bones.back,
            self.detail, turn=1.0 if self.bones.side else 0.3,
        )  # fmt: skip
        # Children's heads are larger for their bodies.
        with self.d.placed(x, -y - (1.5 if self.child else 0.0), 0.135 if self.child else 0.106):
            draw_head(self.d, style)

    def _clothing_details(self) -> None:
        draw = {
            Outfit.SUIT: self._suit, Outfit.COAT: self._coat, Outfit.ARMOR: self._belt,
                Outfit.UNIFORM: self._belt,
            Outfit.APRON: self._apron, Outfit.SPACESUIT: self._panel, Outfit.ROBOT: self._panel,
                Outfit.ROBE: self._sash,
            Outfit.DRESS: self._sash, Outfit.CASUAL: self._collar,
        }.get(self.outfit)  # fmt: skip
        if draw is not None and not self.bones.back:
            draw()

    def _suit(self) -> None:
        x, y = self.bones.neck
        white = mix(times(rgb("f2f0ec"), shade(self.who.light, 0.9)), self.who.top, 0.25)
        self.d.polygon(_down((x - 2.6, y), (x + 2.6, y), (x + 0.3, y - 14)), white)
        self.d.polygon(
            _down((x - 0.9, y - 1.4), (x + 0.9, y - 1.4), (x + 1.2, y - 11), (x, y - 13)), self.who.accent
        )
        for way in (-1, 1):
            self.d.polygon(_down((x + way * 2.4, y + 0.4), (x + way * 4.6, y - 3.4),
                (x + way * 3.2, y - 5), (x, y - 15)),
                           shade(self.who.top, 1.22))  # fmt: skip

    def _coat(self) -> None:
        x, y = self.bones.neck
        hip = self.bones.hip
        self.d.line(_down((x, y - 8), (hip[0], hip[1] * 0.55)), 0.7, shade(self.who.top, 0.5))
        self.d.polygon(_down((x - 2.8, y), (x + 2.8, y), (x, y - 9)), shade(self.who.accent, 0.8))
        for way in (-1, 1):
            self.d.polygon(_down((x + way * 2, y + 1.4), (x + way * 5.8, y - 2.6),
                (x + way * 4.4, y - 6.5), (x, y - 10)),
                           shade(self.who.top, 1.2))  # fmt: skip

    def _belt(self) -> None:
        x, y = self.bones.hip
        half = (5.0 if self.bones.side else 6.9) * self.bulk
        self.d.polygon(_down((x - half, y + 2.4), (x + half, y + 2.4), (x + half, y - 0.2),
            (x - half, y - 0.2)),
                       shade(self.who.shoes, 0.7))  # fmt: skip
        self.d.rect(x - 1.4, -y - 2.6, 2.8, 3.0, mix(rgb("c9a24a"), self.who.top, 0.3))

    def _apron(self) -> None:
        x, y = self.bones.neck
        hip = self.bones.hip
        self.d.smooth(_down((x - 3.6, y - 5), (x + 3.6, y - 5), (hip[0] + 6.4, hip[1] + 6),
            (hip[0] + 6.6, hip[1] - 12),
                            (hip[0] - 6.6, hip[1] - 12), (hip[0] - 6.4, hip[1] + 6)),
                                shade(self.who.top, 1.05))  # fmt: skip

    def _panel(self) -> None:
        x, y = self.bones.neck
        self.d.rect(x - 3.6, -y + 8, 7.2, 5.4, shade(self.who.top, 0.55), radius=1)
        for number, tone in enumerate((rgb("e0523a"), rgb("49c8e0"), rgb("e8c24a"))):
            self.d.ellipse(x - 2 + 2 * number, -y + 10.4, 0.7, 0.7, tone)

    def _sash(self) -> None:
        neck, hip = self.bones.neck, self.bones.hip
        x, y = (neck[0] + hip[0]) / 2, (neck[1] + hip[1]) / 2 - 3
        half = (4.6 if self.bones.side else 6.0) * self.bulk
        self.d.polygon(
            _down((x - half, y + 1), (x + half, y + 1), (x + half, y - 1.6), (x - half, y - 1.6)),
            self.who.accent,
        )

    def _collar(self) -> None:
        x, y = self.bones.neck
        self.d.smooth(_down((x - 3.2, y + 0.3), (x + 3.2, y + 0.3), (x + 1.8, y - 2.6), (x - 1.8, y - 2.6)),
                      shade(self.who.skin, 0.86))  # fmt: skip

    def _cape(self, cloth: Colour) -> None:
        neck, hip = self.bones.neck, self.bones.hip
        sway = -3.0 if self.bones.side else 0.0
        self.d.smooth(_down((neck[0] - 6.5, neck[1] - 1.5), (neck[0] + 6.5, neck[1] - 1.5),
            (hip[0] + 11 + sway, hip[1] * 0.6),
                            (hip[0] + 12 + sway * 3, 6), (hip[0] + sway * 2, 8.5),
                                (hip[0] - 12 + sway * 3, 5),
                            (hip[0] - 11 + sway, hip[1] * 0.6)), cloth)  # fmt: skip

    def _pack(self) -> None:
        neck = self.bones.neck
        x = neck[0] - (9 if self.bones.side else 0)
        half = 5 if self.bones.side else 10
        self.d.rect(x - half, -neck[1] + 1, half * 2, 22,
            shade(self.who.accent if self.who.person.holds else self.who.top, 0.6),
                    radius=3)  # fmt: skip

    def _held(self) -> None:
        x, y = self.bones.arms[1][1]
        steel, wood = (
            mix(rgb("c8d0d8"), self.who.light, 0.2),
            times(rgb("6a4526"), shade(self.who.light, 0.8)),
        )
        if self.who.person.holds == "sword":
            up = self.bones.arms[1][1][1] > 60
            tip = (x + 16, y + 24) if up else (x + 7, y - 30)
            self.d.limb(_down((x, y), tip), [1.7, 0.5], steel)
            self.d.line(
                _down((x - 2.6, y + (-1 if up else 1)), (x + 2.8, y + (-2.6 if up else 0))), 1.1, wood
            )
        elif self.who.person.holds == "staff":
            self.d.line(_down((x + 1, 1), (x + 1, y + 34)), 1.3, wood)
            if self.who.person.headwear is Headwear.POINTED:
                self.d.ellipse(x + 1, -y - 36, 2.6, 2.6, mix(self.who.accent, (1.0, 1.0, 1.0), 0.6))
        elif self.who.person.holds == "book":
            self.d.rect(x - 3, -y - 3, 6, 7, self.who.accent, radius=0.5)


def _down(*points: Point) -> list[Point]:
    """Points with y up as points with y down."""
    return [(x, -y) for x, y in points]
