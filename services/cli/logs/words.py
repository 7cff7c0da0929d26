"""What `miyun judge` says, in both languages."""

from services.runtime.words import FIELD, Words

COLUMN: Words = {
    "at": FIELD["at"],
    "type": {"zh": "类别", "en": "type"},
    "what": FIELD["change"],
    "station": FIELD["station"],
    "severity": FIELD["severity"],
    "words": FIELD["headline"],
}
TYPE: Words = {
    "transition": {"zh": "告警", "en": "alert"},
    "rejection": {"zh": "拒收", "en": "rejected"},
    "finding": {"zh": "异常", "en": "finding"},
    "condition": {"zh": "站点", "en": "station"},
}
STATION_STATE: Words = {
    "reporting": {"zh": "正常上报", "en": "reports"},
    "partial": {"zh": "部分无数据", "en": "silent in part"},
    "silent": {"zh": "无数据", "en": "silent"},
    "unheard": {"zh": "从未上报", "en": "never heard of"},
}
FINDING: Words = {
    "engine_failure": {"zh": "引擎出错", "en": "failure of the engine"},
    "input_gap": {"zh": "日志缺失", "en": "hole in the log"},
    "new_partition": {"zh": "新分区", "en": "new partition"},
}
JUDGE: Words = {
    "unverified": {"zh": "签名未验证", "en": "not verified"},
    "nothing": {"zh": "没有告警，也没有拒收", "en": "no alert, and nothing rejected"},
    "progress": {
        "zh": "已判定 {number:,} / {total:,} 行（{share:.0%}）",
        "en": "judged {number:,} of {total:,} lines ({share:.0%})",
    },
    "no_file": {
        "zh": "无法读取 {file}（{why}） -> 检查路径",
        "en": "{file} cannot be read ({why}) -> see its path",
    },
    "no_line": {
        "zh": "{file} 第 {line} 行：{why} -> 每行一个 JSON 对象，格式见 miyun judge --help",
        "en": "{file}, line {line}: {why} -> one JSON object a line, as miyun judge --help shows it",
    },
    "no_plan_file": {
        "zh": "{file} 不是方案（{why}） -> 用 --city 指定城市文件夹",
        "en": "{file} is no plan ({why}) -> name a city's folder by --city instead",
    },
    "no_keys": {
        "zh": "{folder} 中没有公钥（*.pub） -> 用 --keys 指定 MIYUN_KEYS_DIR",
        "en": "{folder} holds no public keys (*.pub) -> --keys takes the folder of MIYUN_KEYS_DIR",
    },
    "no_state": {
        "zh": "{file}：{why} -> 状态文件由 miyun judge --save-state 写出",
        "en": "{file}: {why} -> a state is what miyun judge --save-state has written",
    },
    "another_plan": {
        "zh": "状态属于方案 {state}，当前方案为 {plan} -> 使用相同的城市与密钥",
        "en": "the state was kept under plan {state}, this one is {plan} -> use the same city and keys",
    },
}
