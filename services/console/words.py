"""What the console answers when something cannot be, in both languages."""

from services.runtime.words import REFUSED, Words

MESSAGE: Words = {
    **{reason: REFUSED[reason] for reason in ("stale_view", "already_acknowledged", "already_closed")},
    "wrong_sign_in": {"zh": "用户名或密码不正确。", "en": "The name or the password is wrong."},
    "too_many_tries": {
        "zh": "尝试次数过多,请五分钟后再试。",
        "en": "Too many tries: wait five minutes.",
    },
    "no_session": {"zh": "登录已失效,请重新登录。", "en": "Your session is over: sign in again."},
    "csrf": {"zh": "页面已过期,请刷新后重试。", "en": "This page is out of date: reload it and repeat."},
    "origin": {
        "zh": "请求来自其他网站,已拒绝。",
        "en": "The request came from another site and was refused.",
    },
    "role": {"zh": "您的角色不能确认告警。", "en": "Your role does not acknowledge alerts."},
    "unknown_alert": {"zh": "该告警不存在或已关闭。", "en": "There is no such open alert."},
    "unknown_point": {"zh": "没有该测点。", "en": "There is no such point."},
    "bad_request": {"zh": "请求内容不正确。", "en": "The request cannot be read."},
    "unavailable": {
        "zh": "数据库或消息系统暂时不可用,请稍后重试。",
        "en": "The database or the log cannot be reached now: try again.",
    },
    "no_answer": {
        "zh": "监测引擎未在限时内答复;命令已写入日志,引擎恢复后会处理。",
        "en": "The monitor has not answered in time. The command stands in the log and will be judged.",
    },
    "not_applied": {"zh": "未能确认({reason})。", "en": "It was not acknowledged ({reason})."},
}
"""By error code; a reason of the monitor that stands here is its own code."""

NOT_LIVE: Words = {
    "starting": {"zh": "正在读取告警", "en": "the alerts are being read"},
    "broker": {"zh": "消息系统无法连接", "en": "the log cannot be reached"},
    "clock": {"zh": "城市时间未知", "en": "the city's time is unknown"},
}
"""By reason of a heartbeat against being live; others stand with the decision, in ``following.judged``."""

ROLE: Words = {
    "viewer": {"zh": "查看", "en": "viewer"},
    "operator": {"zh": "值班员", "en": "operator"},
    "crew": {"zh": "抢修", "en": "crew"},
    "supervisor": {"zh": "值班长", "en": "supervisor"},
    "admin": {"zh": "管理员", "en": "admin"},
}
HEADING: Words = {
    "person": {"zh": "用户名", "en": "name"},
    "role": {"zh": "角色", "en": "role"},
    "language": {"zh": "语言", "en": "language"},
}
"""Columns of the list of accounts."""

ACCOUNT: Words = {
    "set": {"zh": "{person}（{role}）可以登录", "en": "{person} ({role}) may sign in"},
    "set_with": {
        "zh": "{person}（{role}）可以登录，密码 {password}",
        "en": "{person} ({role}) may sign in with the password {password}",
    },
    "removed": {"zh": "{person} 不能再登录", "en": "{person} may not sign in any more"},
    "unknown": {
        "zh": "没有账号 {person} -> miyun console account list",
        "en": "there is no account {person} -> miyun console account list",
    },
    "short": {"zh": "密码至少 {least} 个字符", "en": "a password has at least {least} characters"},
    "unread": {"zh": "无法读取 {file}：{why}", "en": "{file} cannot be read: {why}"},
}
"""What the commands for accounts say."""
