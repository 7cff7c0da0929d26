"""Messages of ``miyun <service> adopt``, in both languages."""

from services.runtime.words import Words

ADOPT: Words = {
    "as_asked": {"zh": "按要求", "en": "as asked for"},
    "nothing": {
        "zh": "无需采用：命名空间 {namespace} 的检查点属于它的日志",
        "en": "nothing to adopt: the checkpoints of namespace {namespace} belong to its log",
    },
    "partition": {
        "zh": "分区 {partition}：{why}；检查点有 {count} 条记录",
        "en": "partition {partition}: {why}; {count} records of its checkpoint",
    },
    "unread": {"zh": "分区 {partition}：{why}", "en": "partition {partition}: {why}"},
    "lost": {
        "zh": "检查点中的 '{key}' 无法读取，已跳过：{why}",
        "en": "'{key}' of its checkpoint cannot be read, and is passed over: {why}",
    },
    "newer": {
        "zh": "检查点的一部分已跳过：{why}",
        "en": "a part of its checkpoint is passed over: {why}",
    },
    "nothing_done": {
        "zh": "未做任何更改：加 --yes 后清除这些检查点，并从头重读日志",
        "en": "nothing done: with --yes these are forgotten and their log is read anew from its start",
    },
    "forgotten": {
        "zh": "已清除 {count} 个分区的检查点；请重新启动 {group}",
        "en": "forgotten: {count} partitions; start the {group} again",
    },
    "running": {
        "zh": "命名空间 {namespace} 有 {count} 个 {group} 进程正在运行 -> 先停止它们",
        "en": "{count} {group} worker(s) of namespace {namespace} are running -> stop them first",
    },
}
