// All words of the page, in both languages.

import type { AlertView, Language, Role, Severity, Text } from "./api.js";

export const SEVERITY: Record<Severity, Text> = {
  notice: { zh: "提示", en: "notice" },
  warn: { zh: "警告", en: "warn" },
  major: { zh: "严重", en: "major" },
  critical: { zh: "危急", en: "critical" },
};

/** By the letter of ISA-18.2. */
export const STATE: Record<string, Text> = {
  A: { zh: "正常", en: "normal" },
  B: { zh: "未确认", en: "unacknowledged" },
  C: { zh: "已确认", en: "acknowledged" },
  D: { zh: "恢复未确认", en: "returned, unack." },
  E: { zh: "已搁置", en: "shelved" },
  F: { zh: "设计抑制", en: "by design" },
  G: { zh: "停用", en: "out of service" },
};

export const ROLE: Record<Role, Text> = {
  viewer: { zh: "查看", en: "viewer" },
  operator: { zh: "值班员", en: "operator" },
  crew: { zh: "抢修", en: "crew" },
  supervisor: { zh: "值班长", en: "supervisor" },
  admin: { zh: "管理员", en: "admin" },
};

export const NATURE: Record<AlertView["nature"], Text> = {
  real: { zh: "实况", en: "real" },
  simulated: { zh: "模拟", en: "simulated" },
  exercise: { zh: "演练", en: "exercise" },
};

const WORDS = {
  title: { zh: "密云城市运行监测", en: "Miyun urban operations" },
  overview_title: { zh: "密云运行概览", en: "Miyun overview" },
  to_feed: { zh: "告警列表", en: "Alert feed" },
  to_overview: { zh: "概览", en: "Overview" },
  as_of: { zh: "已存储至城市时间 {at}", en: "as stored up to {at} city time" },
  stored_behind: {
    zh: "存储落后 {age}:以下只到城市时间 {at}",
    en: "storage is {age} behind: this is as of {at} city time",
  },
  and_judged: { zh: ",已判定至 {at}", en: ", judged up to {at}" },
  nothing_stored: { zh: "尚未存储任何数据", en: "nothing is stored yet" },
  open_by_severity: { zh: "未关闭告警:按级别", en: "Open alerts by severity" },
  open_by_system: { zh: "未关闭告警:按系统", en: "Open alerts by system" },
  open_by_town: { zh: "未关闭告警:按镇街", en: "Open alerts by town" },
  raised_by_hour: { zh: "最近 24 小时每小时发生的告警", en: "Alerts raised in each of the last 24 hours" },
  hours_in_words: { zh: "最近 24 小时共发生 {n} 条告警", en: "{n} alerts raised in the last 24 hours" },
  acknowledgement_times: {
    zh: "确认用时(最近 24 小时发生的告警)",
    en: "Time to acknowledge (raised in the last 24 h)",
  },
  heard_of: { zh: "数据覆盖", en: "Coverage" },
  since_midnight: { zh: "今日(城市时间零点起)", en: "Today (since the city's midnight)" },
  longest_wait: { zh: "未确认 {n},最久 {age}", en: "{n} unack., longest {age}" },
  severity: { zh: "级别", en: "Severity" },
  system: { zh: "系统", en: "System" },
  town: { zh: "镇街", en: "Town" },
  unacked: { zh: "未确认", en: "Unack." },
  raised_n: { zh: "发生", en: "Raised" },
  escalated_n: { zh: "升级", en: "Escalated" },
  acknowledged_n: { zh: "确认", en: "Acknowledged" },
  closed_n: { zh: "关闭", en: "Closed" },
  median: { zh: "中位", en: "Median" },
  p90: { zh: "90% 以内", en: "90% within" },
  stations_n: { zh: "站点", en: "Stations" },
  silent_n: { zh: "失联", en: "Silent" },
  seen_of: { zh: "按时收到 / 应有测点", en: "Points seen / expected" },
  share: { zh: "覆盖率", en: "Share" },
  skip: { zh: "跳到告警列表", en: "Skip to the alerts" },
  name: { zh: "用户名", en: "Name" },
  password: { zh: "密码", en: "Password" },
  sign_in: { zh: "登录", en: "Sign in" },
  signing_in: { zh: "正在登录…", en: "Signing in…" },
  sign_out: { zh: "退出", en: "Sign out" },
  expired: { zh: "登录已失效,请重新登录。", en: "Your session is over: sign in again." },
  other_language: { zh: "English", en: "中文" },
  help: { zh: "按键说明", en: "Keys" },
  close: { zh: "关闭", en: "Close" },
  city_time: { zh: "城市时间", en: "City time" },
  time_unknown: { zh: "时间未知", en: "time unknown" },
  open_alerts: { zh: "未关闭告警", en: "Open alerts" },
  unacknowledged_of: { zh: "未确认 {n}", en: "{n} unack." },
  filter_severity: { zh: "按级别筛选", en: "Filter by severity" },
  filter_system: { zh: "系统", en: "System" },
  all_systems: { zh: "全部系统", en: "all systems" },
  shown_of: { zh: "显示 {shown} / {all} 条", en: "{shown} of {all} shown" },
  hidden_critical: { zh: "筛选隐藏了 {n} 条危急告警", en: "the filter hides {n} critical" },
  clear_filter: { zh: "清除筛选", en: "Clear filter" },
  none_open: { zh: "没有未关闭的告警", en: "No open alerts" },
  none_fit: { zh: "没有符合筛选条件的告警", en: "No alert fits the filter" },
  loading: { zh: "正在读取…", en: "Reading…" },
  life_safety: { zh: "生命安全", en: "life safety" },
  held: { zh: "数据中断,告警保持", en: "no data, held" },
  new: { zh: "新", en: "new" },
  closed: { zh: "已关闭", en: "closed" },
  ago: { zh: "已 {age}", en: "for {age}" },
  seconds: { zh: "{n} 秒", en: "{n} s" },
  minutes: { zh: "{n} 分钟", en: "{n} min" },
  hours: { zh: "{n} 小时 {m} 分", en: "{n} h {m} min" },
  days: { zh: "{n} 天 {m} 小时", en: "{n} d {m} h" },
  acknowledge: { zh: "确认", en: "Acknowledge" },
  pending: { zh: "正在确认…", en: "being acknowledged…" },
  applied: { zh: "✓ 确认已生效", en: "✓ acknowledged" },
  refused: { zh: "✗ 确认未生效:", en: "✗ not taken: " },
  role_may_not: { zh: "您的角色不能确认告警。", en: "Your role does not acknowledge alerts." },
  nothing_selected: { zh: "先用 j / k 选中一条告警", en: "select an alert first: j / k" },
  already: { zh: "该告警已被确认", en: "it is acknowledged already" },
  show_day: { zh: "最近一天", en: "Last day" },
  connecting: { zh: "正在连接…", en: "Connecting…" },
  not_live: { zh: "非实时", en: "NOT LIVE" },
  not_live_meaning: { zh: "页面可能已过时", en: "what is shown may be out of date" },
  connection_broken: { zh: "与服务器的连接已断开,正在重连", en: "the connection is broken; trying again" },
  no_heartbeat: { zh: "{n} 秒没有收到心跳", en: "no heartbeat for {n} s" },
  last_heard: { zh: "最后收到:城市时间 {time}", en: "last heard at {time} city time" },
  judged_until: { zh: "只判定到城市时间 {time}", en: "all is judged up to {time} city time only" },
  live: { zh: "实时", en: "live" },
  announce: { zh: "新的危急告警:{headline}", en: "New critical alert: {headline}" },
  chart: {
    zh: "{station} {point} 最近一天:最小 {min},最大 {max},最后 {last} {unit}",
    en: "{station}, {point}, last day: minimum {min}, maximum {max}, last {last} {unit}",
  },
  no_data: { zh: "最近一天没有数据", en: "No data on the last day" },
  no_limits: { zh: "无可绘制的限值", en: "no limit that could be drawn" },
  network: { zh: "服务器无法连接,请稍后重试。", en: "The server cannot be reached: try again." },
  key_move: { zh: "下一条 / 上一条", en: "next / previous alert" },
  key_acknowledge: { zh: "确认选中的告警", en: "acknowledge the selected alert" },
  key_open: { zh: "展开或收起最近一天曲线", en: "open or close the last day's chart" },
  key_language: { zh: "切换语言", en: "switch language" },
  key_help: { zh: "显示本说明", en: "show this" },
  key_escape: { zh: "关闭说明或曲线", en: "close this, or a chart" },
} as const satisfies Record<string, Text>;

export type Word = keyof typeof WORDS;

/** A word, with `{name}` filled in. */
export function say(language: Language, word: Word, fill: Record<string, string | number> = {}): string {
  const text: string = WORDS[word][language];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(fill[name] ?? whole));
}

/** A word in both languages, for where a message of the console could stand. */
export function bothOf(word: Word): Text {
  return WORDS[word];
}
