"""Words in both languages: what facilities are called, and how one gets to them."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.base import Bilingual

STAFFED = ("24小时值守，凭证入厂", "staffed day and night, pass needed")
CONFINED = ("有限空间，先检测后进入，双人作业", "confined space: test first, two people")
FACILITIES: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "water_plant": (("自来水厂", "waterworks"), STAFFED),
    "water_zone_meter": (
        ("分区计量表", "zone meter"),
        ("表井，双人开盖", "meter pit, two people to open it"),
    ),
    "water_end_point": (
        ("末梢测压点", "end pressure point"),
        ("楼前表箱内", "in the meter box before the house"),
    ),
    "village_well": (
        ("集中供水井", "village well"),
        ("井房钥匙在村委会", "key of the well house at the village committee"),
    ),
    "sewage_plant": (("污水处理厂", "sewage plant"), STAFFED),
    "sewer_pump_station": (("污水泵站", "sewage pump station"), CONFINED),
    "sewer_manhole": (("污水检查井", "sewer manhole"), CONFINED),
    "sewer_manhole_in_carriageway": (
        ("污水检查井", "sewer manhole"),
        (
            "车行道内，开盖须摆放锥桶；有限空间，先检测",
            "in the carriageway: cones before opening; confined space, test first",
        ),
    ),
    "underpass": (
        ("积水监测点", "ponding gauge"),
        ("桥下辅路停车", "park on the side road under the bridge"),
    ),
    "heat_source": (("热源厂", "heat plant"), STAFFED),
    "heat_exchanger_floor": (
        ("换热站", "heat exchanger"),
        ("地下一层，钥匙在物业值班室", "basement, key at the property office"),
    ),
    "heat_exchanger_radiator": (
        ("换热站", "heat exchanger"),
        ("独立站房，钥匙在供热值班室", "building of its own, key at the heating duty office"),
    ),
    "heat_homes": (
        ("测温用户", "sampled homes"),
        ("入户先与物业联系", "call the property office before a visit"),
    ),
    "gas_gate": (
        ("燃气门站", "gas city gate"),
        ("24小时值守，登记入站，严禁烟火", "staffed day and night, sign in, no flames"),
    ),
    "gas_regulator": (
        ("燃气调压站", "gas regulator station"),
        ("钥匙在燃气值班室，入内先通风检测", "key at the gas duty office; air and test first"),
    ),
    "gas_regulator_cabinet": (
        ("燃气调压柜", "gas regulator cabinet"),
        ("柜门钥匙在燃气值班室", "key at the gas duty office"),
    ),
    "gas_chamber": (
        ("燃气阀井", "gas valve pit"),
        ("开盖前检测，双人作业", "test the air before opening, two people"),
    ),
    "gas_chamber_in_carriageway": (
        ("燃气阀井", "gas valve pit"),
        (
            "车行道内，开盖前检测并摆放锥桶",
            "in the carriageway: test the air, set out cones before opening",
        ),
    ),
    "cp_post": (
        ("阴极保护测试桩", "cathodic protection post"),
        ("路侧绿地内", "in the green beside the road"),
    ),
    "lpg_station": (
        ("液化石油气供应站", "LPG station"),
        ("营业时间有人，夜间打值班电话", "staffed by day; call the duty phone at night"),
    ),
    "light_cabinet": (
        ("路灯控制箱", "street light cabinet"),
        ("箱体钥匙在路灯值班室", "key at the lighting duty office"),
    ),
    "light_cabinet_in_village": (
        ("村路灯控制箱", "village light cabinet"),
        ("箱体钥匙在村委会", "key at the village committee"),
    ),
    "weather_station": (
        ("自动气象站", "weather station"),
        ("观测场围栏内，钥匙在气象值班室", "inside the fence, key at the weather office"),
    ),
}
"""By station type, or by a special variety of one: what it is called, and the note on access."""


@dataclass(frozen=True, slots=True)
class Label:
    """A place as people call it, and as they write it down as an address inside a town."""

    name: Bilingual
    address: Bilingual


def bilingual(zh: str, en: str) -> Bilingual:
    """The same words in both languages."""
    return Bilingual(zh=zh, en=en)


def at(place: Bilingual) -> Label:
    """A place that has a name of its own."""
    return Label(place, place)
