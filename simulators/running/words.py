"""The lines of ``miyun simulate`` and ``miyun replay-csv``, in both languages."""

from services.runtime.words import ByLanguage, Words

NONE: ByLanguage = {"zh": "无", "en": "none"}

PROGRESS: Words = {
    "schema_dropped": {"zh": "数据库模式 {namespace} 已删除", "en": "schema {namespace} dropped"},
    "topics_deleted": {
        "zh": "已删除 {namespace} 的 {count} 个主题",
        "en": "{count} topics of {namespace} deleted",
    },
    "published": {
        "zh": "方案已发布，自 {began} 生效；正在启动监测引擎和入库服务",
        "en": "plan published as of {began}; starting monitor and recorder",
    },
    "simulated": {
        "zh": "城市时间 {at}（{share:.0%}），已发送 {readings} 个读数，每秒 {pace:.0f} 个",
        "en": "city time {at} ({share:.0%}), {readings} readings sent, {pace:.0f}/s",
    },
    "series": {
        "zh": "{file}：{count} 个读数，从 {first} 到 {last}",
        "en": "{file}: {count} readings from {first} to {last}",
    },
    "dropped": {"zh": "舍弃第 {line} 行：{reason}", "en": "dropped line {line}: {reason}"},
    "city": {
        "zh": "城市：{city}，{station} {point}，每 {every_s} 秒一次，单位 {unit}",
        "en": "city: {city}, {station} {point} every {every_s} s in {unit}",
    },
    "sent": {
        "zh": "已发送 {rows} 行，共 {total} 行（{share:.0f} %），到 {at} 为止",
        "en": "sent {rows} of {total} rows ({share:.0f} %), up to {at}",
    },
}
"""While it goes on."""

RESULT: Words = {
    "alerts": {"zh": "告警：{count}", "en": "alerts: {count}"},
    "level": {"zh": "  {rule} {severity}：{count}", "en": "  {rule} {severity}: {count}"},
    "transitions": {"zh": "状态变化：{counts}", "en": "transitions: {counts}"},
    "rejected": {"zh": "监测引擎拒收：{counts}", "en": "rejected by the monitor: {counts}"},
    "faults": {"zh": "注入的故障：{file}", "en": "injected faults: {file}"},
    "rows": {
        "zh": "行：读取 {read}，发送 {sent}，舍弃 {dropped}；"
        "发送的行中：时间重复 {repeated}，时间倒退 {backward}",
        "en": "rows: read {read}, sent {sent}, dropped {dropped};"
        " of those sent: repeated stamps {repeated}, out of order {backward}",
    },
    "alerts_by_rule": {
        "zh": "告警：{alerts}；状态变化：{transitions}",
        "en": "alerts: {alerts}; transitions: {transitions}",
    },
    "look": {
        "zh": "查看结果：{command} --namespace {namespace}；数据库模式 {namespace}",
        "en": "where to look: {command} --namespace {namespace}; database schema {namespace}",
    },
}
"""At the end."""

DROPPED: Words = {
    "columns": {"zh": "有 {count} 列", "en": "{count} columns"},
    "time": {"zh": "不是时间：{text!r}", "en": "not a time: {text!r}"},
    "number": {"zh": "不是数字：{text!r}", "en": "not a number: {text!r}"},
    "year": {"zh": "不在 2000 至 2100 年之间：{text!r}", "en": "outside 2000 to 2100: {text!r}"},
}
"""Reasons for which a line of a file is no reading."""

REFUSED: Words = {
    "used": {
        "zh": "命名空间 {namespace} 已有数据（{count} 个主题）：另选 --namespace，或用 --fresh 清空它",
        "en": "namespace {namespace} already has data ({count} topics): choose another --namespace, "
        "or empty it with --fresh",
    },
    "not_emptied": {
        "zh": "命名空间 {namespace} 无法清空：另选 --namespace（{why}）",
        "en": "namespace {namespace} cannot be emptied: choose another --namespace ({why})",
    },
    "hours": {
        "zh": "--hours {hours:g}：应大于 0，最多 {most}",
        "en": "--hours {hours:g}: more than 0, at most {most}",
    },
    "begin": {
        "zh": "--from：{why}；例如 2026-01-13T19:00:00+08:00",
        "en": "--from: {why}; for example 2026-01-13T19:00:00+08:00",
    },
    "wall_clock": {
        "zh": "命名空间 {namespace} 使用 clock=wall：时间由消息系统决定，无法模拟；"
        "另选 MIYUN_NAMESPACE，例如 demo",
        "en": "namespace {namespace} lives by clock=wall: its time is the broker's and "
        "cannot be simulated; choose another MIYUN_NAMESPACE, such as demo",
    },
    "columns": {
        "zh": "{file}：第一行必须是 timestamp,value，而不是 {header}",
        "en": "{file}: the first line must be timestamp,value; it is {header}",
    },
    "unreadable": {"zh": "无法读取 {file}：{why}", "en": "{file} cannot be read: {why}"},
    "no_reading": {"zh": "{file} 中没有读数", "en": "{file} holds no reading"},
    "conversion": {
        "zh": "无法从 {origin} 换算到 {target}：可用 {temperatures} 和 {pressures}",
        "en": "no conversion from {origin} to {target}: there are {temperatures} and {pressures}",
    },
    "no_city": {
        "zh": "{folder} 不是文件夹；城市是一个文件夹，例如 deploy/miyun",
        "en": "{folder} is no folder; a city is a folder such as deploy/miyun",
    },
    "no_station": {"zh": "城市中没有站点 {station}", "en": "the city has no station {station}"},
    "no_point": {
        "zh": "类型为 {type} 的站点没有测点 {point}；现有 {points}",
        "en": "stations of type {type} have no point {point}; they have {points}",
    },
    "no_type": {"zh": "城市中没有站点类型 {type}", "en": "the city has no station type {type}"},
    "city_file": {
        "zh": "无法读取城市的 {file}：{why}",
        "en": "{file} of the city cannot be read: {why}",
    },
}
"""Reasons for which nothing is simulated or replayed."""
