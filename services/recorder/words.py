"""Messages of the recorder's commands, in both languages."""

from services.runtime.words import Words

MESSAGES: Words = {
    "contradiction": {
        "zh": "{topic}：分区 {partition}：已存储到 {next}，但 {why}",
        "en": "{topic}: partition {partition}: stored up to {next}, but {why}",
    },
    "all_of": {"zh": "{topic}：全部", "en": "{topic}: all"},
    "nothing_to_adopt": {
        "zh": "无需采用：数据库模式 {namespace} 中的内容属于该命名空间的日志",
        "en": "nothing to adopt: what is stored in schema {namespace} is of its log",
    },
    "not_adopted": {
        "zh": "未做任何更改：加 --yes 后从头重读这些主题",
        "en": "nothing done: with --yes these topics are read from their start again",
    },
    "adopted": {
        "zh": "已清除 {count} 个主题的存储位置；请重新启动入库服务",
        "en": "forgotten how far {count} topics are stored; start the recorder again",
    },
    "never": {
        "zh": "命名空间 {namespace} 不能用命令删除 -> 请指定其他命名空间",
        "en": "namespace {namespace} is never dropped by a command -> name another one",
    },
    "no_schema": {
        "zh": "没有数据库模式 {namespace}，无需删除",
        "en": "there is no schema {namespace}: nothing to drop",
    },
    "foreign": {
        "zh": "数据库模式 {namespace} 不是由入库服务建立的 -> 确需删除请自行操作",
        "en": "schema {namespace} was not made by a recorder -> drop it yourself if you mean it",
    },
    "not_dropped": {
        "zh": "未删除 -> 加 --yes 删除数据库模式 {namespace} 及其所有表",
        "en": "nothing dropped -> add --yes to drop schema {namespace} with all its tables",
    },
    "dropped": {"zh": "数据库模式 {namespace} 已删除", "en": "schema {namespace} dropped"},
    "running": {
        "zh": "命名空间 {namespace} 的入库服务正在运行 -> 先停止它",
        "en": "a recorder of namespace {namespace} runs -> stop it first",
    },
    "not_looked": {"zh": "尚未查看", "en": "nothing looked at yet"},
    "judging": {
        "zh": "判定中：还有 {total} 条记录（{by_topic}）",
        "en": "judging: {total} records to go ({by_topic})",
    },
    "storing": {
        "zh": "入库中：还有 {total} 条记录（{by_topic}）",
        "en": "storing: {total} records to go ({by_topic})",
    },
    "of_topic": {"zh": "{topic} {count}", "en": "{count} of {topic}"},
    "not_drained": {
        "zh": "{within_s:g} 秒后仍未完成（{progress}） -> 用 miyun status 查看监测引擎和入库服务是否运行，"
        "或延长时间（--timeout）",
        "en": "not drained after {within_s:g} s ({progress}) -> see miyun status whether monitor and"
        " recorder run,"
        " or give it longer (--timeout)",
    },
    "drained": {
        "zh": "{events} 条事件已全部判定，{results} 条结果已全部入库",
        "en": "all {events} events are judged, all {results} results stored",
    },
}
