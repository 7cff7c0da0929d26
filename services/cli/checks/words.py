"""What ``miyun status`` and ``miyun doctor`` say: what was seen, and after the arrow what to do about it."""

from services.runtime.words import Words

NAME: Words = {
    "namespace": {"zh": "命名空间", "en": "namespace"},
    "city clock": {"zh": "城市时间", "en": "city clock"},
    "broker": {"zh": "消息系统", "en": "broker"},
    "topics": {"zh": "主题", "en": "topics"},
    "log": {"zh": "日志", "en": "log"},
    "database": {"zh": "数据库", "en": "database"},
    "timescaledb": {"zh": "TimescaleDB", "en": "timescaledb"},
    "migrations": {"zh": "迁移", "en": "migrations"},
    "services": {"zh": "服务", "en": "services"},
    "monitor": {"zh": "监测引擎", "en": "monitor"},
    "recorder": {"zh": "入库", "en": "recorder"},
    "simulator": {"zh": "模拟器", "en": "simulator"},
    "console": {"zh": "值班页面", "en": "console"},
    "notifier": {"zh": "通知", "en": "notifier"},
    "plan": {"zh": "方案", "en": "plan"},
    "calendars": {"zh": "日历", "en": "calendars"},
    "records": {"zh": "记录", "en": "records"},
    "judged": {"zh": "判定进度", "en": "judged"},
    "monitor lag": {"zh": "监测滞后", "en": "monitor lag"},
    "recorder lag": {"zh": "入库滞后", "en": "recorder lag"},
    "open alerts": {"zh": "未关闭告警", "en": "open alerts"},
    "stations": {"zh": "站点", "en": "stations"},
    "rejects": {"zh": "拒收", "en": "rejects"},
    "python": {"zh": "Python", "en": "python"},
    "keys": {"zh": "密钥", "en": "keys"},
    "disk": {"zh": "磁盘", "en": "disk"},
    "open files": {"zh": "打开文件数", "en": "open files"},
    "ports": {"zh": "端口", "en": "ports"},
}
"""How a line begins."""

VERDICT: Words = {"well": {"zh": "正常", "en": "ok"}, "not_well": {"zh": "问题", "en": "problem"}}

FINDING: Words = {
    "as_is": {"zh": "{words}", "en": "{words}"},
    "clock": {"zh": "{now}，clock={clock}", "en": "{now}, clock={clock}"},
    "none": {"zh": "无", "en": "none"},
    "late": {
        "zh": "{within_s:g} 秒内没有答复 -> 查看各服务及其日志：make status，make logs",
        "en": "no answer within {within_s:g} s -> look at the services and their logs: make status, make"
        " logs",
    },
    "failed": {"zh": "{why} -> {remedy}", "en": "{why} -> {remedy}"},
    # the broker
    "broker": {"zh": "{at}，{brokers} 个节点", "en": "{at}, {brokers} broker(s)"},
    "topics": {"zh": "{count} 个，与声明一致", "en": "{count} as declared"},
    "topics_missing": {
        "zh": "缺少 {names} -> make up 或 miyun rules publish 会建立；或命名空间有误（MIYUN_NAMESPACE）",
        "en": "missing: {names} -> make up, or else miyun rules publish, makes them; or the namespace is"
        " misspelt"
        " (MIYUN_NAMESPACE)",
    },
    "topic_partitions": {
        "zh": "{topic} 有 {there} 个分区，应为 {wanted} 个 -> 分区数不可更改：另选命名空间",
        "en": "{topic} has {there} partitions, not {wanted} -> the number is fixed for good: choose a new"
        " namespace",
    },
    "topic_setting": {
        "zh": "{topic}：{setting} 为 {there}，声明为 {wanted}"
        " -> kafka-configs --alter --topic {topic} --add-config {setting}={wanted}",
        "en": "{topic}: {setting} is {there}, declared {wanted}"
        " -> kafka-configs --alter --topic {topic} --add-config {setting}={wanted}",
    },
    "log": {"zh": "纪元 {epoch}，各分区一致{aged}", "en": "epoch {epoch}, the same everywhere{aged}"},
    "log_aged": {
        "zh": "；{count} 个分区的起始记录已过保留期",
        "en": "; {count} partitions have outlived theirs",
    },
    "beyond_retention": {"zh": "已过保留期", "en": "beyond retention"},
    "log_strange": {
        "zh": "events 的分区 {partitions} 不以创世记录开头 -> 有其他程序写入了该主题：删除命名空间的主题",
        "en": "partitions {partitions} of events do not begin with a genesis record"
        " -> something else wrote to this topic: delete its topics",
    },
    "log_epochs": {
        "zh": "一个命名空间内有 {count} 个纪元：{epochs} -> 另选命名空间，重新开始",
        "en": "{count} epochs in one namespace: {epochs} -> choose a new namespace and start it anew",
    },
    "log_clock": {
        "zh": "日志的时钟为 clock={clock}，设置为 {ours} -> 设置 MIYUN_CLOCK={clock}",
        "en": "the log lives by clock={clock}, the settings say {ours} -> set MIYUN_CLOCK={clock}",
    },
    "log_empty": {
        "zh": "events 的分区 {partitions} 没有创世记录 -> 监测引擎下次启动时写入：make up",
        "en": "partitions {partitions} of events have no genesis record"
        " -> the next start of the monitor writes it: make up",
    },
    # the database
    "database": {
        "zh": "{at}，模式 {namespace}，PostgreSQL {version}",
        "en": "{at}, schema {namespace}, PostgreSQL {version}",
    },
    "timescaledb": {
        "zh": "{version}，{edition} -> 在 postgresql.conf 中将 timescaledb.license 设为 apache 或 timescale",
        "en": "{version}, {edition} -> set timescaledb.license to apache or timescale in postgresql.conf",
    },
    "no_timescaledb": {
        "zh": "该数据库未安装 -> 以超级用户执行 CREATE EXTENSION timescaledb（本机由 make up 完成）",
        "en": "not in this database -> as a superuser: CREATE EXTENSION timescaledb (make up does it for"
        " the local"
        " stack)",
    },
    "migrations": {"zh": "已执行 {count} 个，为最新", "en": "{count} applied, current"},
    "migrations_changed": {
        "zh": "{names} 执行后被修改 -> 恢复原文件，另写新的迁移",
        "en": "{names} was changed after it was applied -> put the file back; write a new migration",
    },
    # the plan
    "plan": {
        "zh": "{plan}，{stations} 个站点，{points} 个测点，{rules} 条规则",
        "en": "{plan}, {stations} stations, {points} points, {rules} rules",
    },
    "plans": {
        "zh": "各分区的方案不一致：{plans} -> miyun rules publish",
        "en": "partitions are judged by several: {plans} -> miyun rules publish",
    },
    "plan_in_part": {
        "zh": "{plan} 只在 {count} / {all} 个分区生效 -> 若持续如此：miyun rules publish（滞后见 miyun"
        " status）",
        "en": "{plan} judges {count} of {all} partitions -> miyun rules publish, if it stays so (miyun"
        " status: lag)",
    },
    "plan_not_stored": {
        "zh": "{plan}，内容尚未入库 -> 等待入库服务",
        "en": "{plan}; its content is not stored yet -> wait for the recorder",
    },
    "plan_waits": {
        "zh": "已发布 {published}，生效的是 {active} -> 监测引擎处理到时生效（滞后见 miyun status）",
        "en": "{published} is published, {active} is active"
        " -> it becomes active when the monitor gets there (miyun status: lag)",
    },
    "plan_gone": {
        "zh": "主题 plans 中没有方案 {plan} -> miyun rules publish",
        "en": "plan {plan} is not in the topic plans -> miyun rules publish",
    },
    "no_calendars": {"zh": "方案不需要日历", "en": "the plan needs none"},
    "calendars": {
        "zh": "{count} 个，到 {until} 为止 -> 在城市文件中补充后续日期，再执行 miyun rules publish",
        "en": "{count}, reaching to {until} -> add the coming dates to the calendars in the city's files,"
        " then miyun"
        " rules publish",
    },
    # services
    "readable": {
        "zh": "有应答的服务没有遇到无法读取的记录",
        "en": "the services that answer could read all of them",
    },
    "unreadable": {
        "zh": "自启动以来无法读取：{counts} -> docs/runbooks/unreadable-record.md；"
        "原始记录：miyun rejects list --source recorder",
        "en": "not readable since they were started: {counts} -> docs/runbooks/unreadable-record.md; the"
        " records: miyun rejects list --source recorder",
    },
    "ready": {"zh": "就绪（{at}）", "en": "ready ({at})"},
    "not_ready": {"zh": "未就绪：{reasons} -> {remedy}", "en": "not ready: {reasons} -> {remedy}"},
    "no_port": {
        "zh": "没有端口，未查询 -> 设置 {variable} 后重启该服务",
        "en": "not asked: it has no port -> set {variable}, restart it",
    },
    "silent": {
        "zh": "{at} 没有应答 -> make up，或 miyun {command}；日志：make logs ARGS={name}",
        "en": "no answer on {at} -> make up, or miyun {command}; its log: make logs ARGS={name}",
    },
    "elsewhere": {
        "zh": "{at} 上的服务属于命名空间 {namespace} -> 在本命名空间用另一个端口启动 miyun {command}",
        "en": "the one on {at} serves namespace {namespace} -> miyun {command} in this namespace, on a port"
        " of its"
        " own",
    },
    "judged": {"zh": "各分区均已判定，至 {until}", "en": "all partitions, up to {until}"},
    "judged_behind": {
        "zh": "{why}；只判定到 {until} -> 正在追赶：miyun status 再看一次；增加实例可分担分区",
        "en": "{why}; judged up to {until} -> it catches up: look again; more workers share the partitions",
    },
    "judged_silent": {
        "zh": "{why}；最后判定到 {until} -> make up，或 miyun monitor run；入库服务未运行时此处也不更新",
        "en": "{why}; last told: up to {until} -> make up, or miyun monitor run; without a recorder this line"
        " stands still, too",
    },
    "lag": {
        "zh": "{total} 条记录{detail} -> 正在追赶，或未运行：make logs ARGS={who}；增加实例可分担分区",
        "en": "{total} records{detail} -> it catches up, or it does not run: make logs ARGS={who}; more"
        " workers"
        " share the partitions",
    },
    "lag_of": {"zh": "（{parts}）", "en": " ({parts})"},
    "lag_not_begun": {
        "zh": "尚未处理任何记录 -> make up，或 miyun {who} run",
        "en": "has not taken anything yet -> make up, or miyun {who} run",
    },
    # the city
    "alerts_of": {
        "zh": "{severity} {count} 条（未确认 {unacked}）",
        "en": "{count} {severity} ({unacked} unacknowledged)",
    },
    "reporting": {
        "zh": "{total} 个中 {speaking} 个正常上报",
        "en": "{speaking} of {total} reporting",
    },
    "partial": {"zh": "{count} 个部分上报", "en": "{count} in part"},
    "silent_stations": {"zh": "{count} 个静默", "en": "{count} silent"},
    "unheard": {"zh": "{count} 个从未上报", "en": "{count} never heard of"},
    "stations": {
        "zh": "{states} -> 日志开始后两分钟内属正常；否则用 miyun coverage 查看是哪些",
        "en": "{states} -> normal in the first two minutes of a log; else miyun coverage says which",
    },
    "rejects": {"zh": "最近一小时：{reasons}", "en": "last hour: {reasons}"},
    "rejects_of": {"zh": "{reason} {count} 条", "en": "{count} {reason}"},
    # this machine
    "python": {
        "zh": "{version} -> 安装 Python 3.11、3.12 或 3.13，再执行 make up（可用 MIYUN_PYTHON 指定）",
        "en": "{version} -> install Python 3.11, 3.12 or 3.13 and run make up again (MIYUN_PYTHON chooses"
        " one)",
    },
    "keys": {"zh": "{folder} 中有 {names}，仅属主可读", "en": "{names} in {folder}, for their owner only"},
    "keys_missing": {
        "zh": "{folder} 中没有密钥 {names} -> miyun rules publish 会生成",
        "en": "no key of {names} in {folder} -> miyun rules publish makes them",
    },
    "key_loose": {
        "zh": "{path} 权限为 {mode:04o}：他人可读取或修改 -> chmod 600 {path}；若已被他人访问，"
        "更换密钥并重新发布方案",
        "en": "{path} is {mode:04o}: others may read or change it -> chmod 600 {path}; if others had"
        " access, make a"
        " new key and publish the plan again",
    },
    "disk": {
        "zh": "{folder} 剩余 {free:.1f} GiB -> 腾出空间：日志和数据库需要 {needed} GiB",
        "en": "{free:.1f} GiB free for {folder} -> make room: {needed} GiB are needed for log and database",
    },
    "open_files": {
        "zh": "每个进程 {limit} 个 -> 启动前执行 ulimit -n {needed}，或在服务单元中设置 LimitNOFILE",
        "en": "{limit} per process -> ulimit -n {needed} before starting, or LimitNOFILE of the service unit",
    },
    "unlimited": {"zh": "不限", "en": "unlimited"},
    "port_ours": {
        "zh": "{port}（{name}）：我方服务在应答",
        "en": "{port} ({name}): a service of ours answers",
    },
    "port_free": {"zh": "{port}（{name}）：空闲", "en": "{port} ({name}): free"},
    "port_taken": {
        "zh": "{port}（{name}）：被其他程序占用 -> 停止该程序，或设置 {variable}",
        "en": "{port} ({name}): taken by something that is no service of ours -> stop that program, or set"
        " {variable}",
    },
}

EDITION: Words = {
    "apache": {"zh": "Apache 版", "en": "Apache edition"},
    "timescale": {"zh": "社区版", "en": "Community edition"},
}
"""Of TimescaleDB, by its licence."""

REMEDY: Words = {
    "keys": {
        "zh": "让当前用户可读取密钥目录（MIYUN_KEYS_DIR）",
        "en": "let this user read the keys folder (MIYUN_KEYS_DIR)",
    },
    "disk": {"zh": "将 MIYUN_STATE_DIR 设为存在的目录", "en": "set MIYUN_STATE_DIR to a folder that exists"},
    "any": {"zh": "查看日志：make logs", "en": "look at the logs: make logs"},
}
"""Where something else went wrong than is known, by the name of the line."""

READINESS: Words = {
    "not_loaded": {
        "zh": "正在接管分区并载入检查点；启动后数秒内属正常",
        "en": "it takes its partitions over and loads their checkpoint; seconds after a start",
    },
    "broker_unreachable": {
        "zh": "启动消息系统（make up），或检查 MIYUN_KAFKA_BOOTSTRAP",
        "en": "start the broker (make up), or look at MIYUN_KAFKA_BOOTSTRAP",
    },
    "database_unreachable": {
        "zh": "启动数据库（make up），或检查 MIYUN_DATABASE_URL",
        "en": "start the database (make up), or look at MIYUN_DATABASE_URL",
    },
    "starting": {
        "zh": "正在核对已存储的内容和日志；启动后数秒内属正常",
        "en": "it looks at what is stored and at the log; seconds after a start",
    },
    "another_recorder": {
        "zh": "另一个入库服务正在写入该命名空间；它结束后由本服务接管",
        "en": "another recorder stores this namespace; this one takes over when that one ends",
    },
    "alerts_not_read": {
        "zh": "正在读取告警；启动后数秒内属正常",
        "en": "it reads the alerts; seconds after a start",
    },
    "no_output_key": {
        "zh": "从监测服务所在主机的 MIYUN_KEYS_DIR 复制 outputs*（权限 0600）；日志说明缺少哪个文件",
        "en": "copy outputs* (mode 0600) from MIYUN_KEYS_DIR of the monitor's host; its log names the file",
    },
    "no_tables": {
        "zh": "入库服务启动后会建表：make up，或 miyun recorder run",
        "en": "the recorder makes the tables at its start: make up, or miyun recorder run",
    },
    "another_notifier": {
        "zh": "另一个通知服务正在为该命名空间工作；它结束后由本服务接管",
        "en": "another notifier works for this namespace; this one takes over when that one ends",
    },
    "waiting for history": {
        "zh": "正在生成起始时刻之前的历史数据；判定并入库后即就绪",
        "en": "it makes the hours before the beginning; ready when they are judged and stored",
    },
    "waiting for broker": {
        "zh": "启动消息系统（make up），或检查 MIYUN_KAFKA_BOOTSTRAP",
        "en": "start the broker (make up), or look at MIYUN_KAFKA_BOOTSTRAP",
    },
    "waiting for plan": {
        "zh": "发布方案：miyun rules publish",
        "en": "publish a plan: miyun rules publish",
    },
    "reject_share": {
        "zh": "大量输入被拒收：docs/runbooks/reject-share.md",
        "en": "much of the input is not taken: docs/runbooks/reject-share.md",
    },
}
"""By a service's reason against being ready: what it means or what to do."""
