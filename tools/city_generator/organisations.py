"""The organisations that own and run things. Roles, not companies: who runs what in Miyun is not published.

Duty phones are examples: numbers in Beijing never begin with 0, so 010-0000-xxxx reaches nobody.
"""

from collections.abc import Sequence

from schemas.base import Bilingual
from schemas.city.places import Organisation
from tools.city_generator.gazetteer import Township
from tools.city_generator.words import bilingual

OPERATORS = (
    ("water-operator-urban", "城区供水单位", "Water operator of the urban area"),
    ("water-operator-town", "镇供水单位", "Water operator of the towns"),
    ("sewer-operator-urban", "城区排水单位", "Sewer operator of the urban area"),
    ("sewer-operator-town", "镇排水单位", "Sewer operator of the towns"),
    ("heat-operator-urban", "城区供热单位", "Heat operator of the urban area"),
    ("heat-operator-town", "镇供热单位", "Heat operator of the towns"),
    ("gas-operator", "燃气运营单位", "Gas operator"),
    ("lpg-operator", "液化石油气供应单位", "LPG supplier"),
    ("light-operator", "路灯管理单位", "Street lighting operator"),
    ("weather-service", "气象服务单位", "Weather service"),
)


def phone(number: int) -> str:
    """An example of a phone number; 0 to 9999."""
    return f"010-0000-{number:04d}"


def organisations(towns: Sequence[Township]) -> list[Organisation]:
    """The centre, the operators and the governments of the towns."""
    name = bilingual("运行管理中心", "Operations centre")
    found = [Organisation(id="centre", name=name, kind="centre", duty_phone=phone(1000))]
    for index, (id_, zh, en) in enumerate(OPERATORS, 1101):
        found.append(Organisation(id=id_, name=bilingual(zh, en), kind="operator", duty_phone=phone(index)))
    for index, town in enumerate(towns, 1201):
        name = _government(town.name)
        found.append(Organisation(id=f"town-{town.short}", name=name, kind="town", duty_phone=phone(index)))
    return found


def _government(name: Bilingual) -> Bilingual:
    office = "办事处" if name.zh.endswith(("街道", "地区")) else "政府"
    return bilingual(f"{name.zh}{office}", f"{name.en} government")
