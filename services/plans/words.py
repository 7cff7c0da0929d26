"""Sentences of the commands of rules and assets, in both languages; mistakes in files are told in English."""

from services.runtime.words import Words

SENTENCES: Words = {
    "size": {
        "zh": "{rules} 条规则，{stations} 个站点，{points} 个测点",
        "en": "{rules} rules, {stations} stations, {points} points",
    },
    "lint_ok": {"zh": "{folder}：{size}：正确", "en": "{folder}: {size}: ok"},
    "published": {
        "zh": "方案 {plan} 已在 {namespace} 发布：{size}",
        "en": "plan {plan} published in {namespace}: {size}",
    },
    "active": {
        "zh": "方案 {plan} 已经生效，未写入任何内容（{namespace}）：{size}",
        "en": "plan {plan} is active already, nothing written in {namespace}: {size}",
    },
    "no_histories": {
        "zh": "{folder} 中没有测试历程 -> 规则见 miyun rules list",
        "en": "{folder} has no histories -> miyun rules list shows the rules",
    },
    "no_histories_of": {
        "zh": "{folder} 中没有 {rule} 的测试历程 -> 规则见 miyun rules list",
        "en": "{folder} has no histories of {rule} -> miyun rules list shows the rules",
    },
    "passes": {"zh": "通过 {history}", "en": "ok   {history}"},
    "fails": {"zh": "失败 {history}", "en": "FAIL {history}"},
    "history": {"zh": "{rule} 于 {station}{traits}：{name}", "en": "{rule} at {station}{traits}: {name}"},
    "of_one": {"zh": "1 条规则的 {histories} 个历程", "en": "{histories} histories of 1 rule"},
    "of_rules": {"zh": "{rules} 条规则的 {histories} 个历程", "en": "{histories} histories of {rules} rules"},
    "all_pass": {"zh": "{size}：全部通过", "en": "{size}: ok"},
    "some_fail": {"zh": "{size}：{failed} 个失败", "en": "{size}: {failed} fail"},
}

COLUMN: Words = {
    "system": {"zh": "系统", "en": "system"},
    "stations": {"zh": "站点", "en": "stations"},
    "points": {"zh": "测点", "en": "points"},
    "towns": {"zh": "镇街", "en": "towns"},
    "links": {"zh": "联系", "en": "links"},
    "readings": {"zh": "读数/秒", "en": "readings/s"},
}
"""Of the table of assets."""

ALL = {"zh": "合计", "en": "all"}
