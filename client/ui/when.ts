/** Times as people say them; the shop's own language, this device's time zone. */
export function timeOf(ms: number, language: string): string {
  return formatter(language, { hour: "2-digit", minute: "2-digit" }).format(ms);
}

export function dayOf(ms: number, language: string): string {
  const thisYear = new Date(ms).getFullYear() === new Date().getFullYear();
  return formatter(language, {
    ...(thisYear ? {} : { year: "numeric" }),
    month: thisYear ? "numeric" : "2-digit",
    day: thisYear ? "numeric" : "2-digit",
  }).format(ms);
}

/** Today only the time, else the day besides. */
export function momentOf(ms: number, language: string): string {
  const today = new Date(ms).toDateString() === new Date().toDateString();
  return today ? timeOf(ms, language) : `${dayOf(ms, language)} ${timeOf(ms, language)}`;
}

/** `3 分钟前`, `2 days ago` */
export function agoOf(ms: number, nowMs: number, language: string): string {
  const relative = new Intl.RelativeTimeFormat(localeOf(language), { numeric: "auto" });
  const minutes = Math.round((ms - nowMs) / 60_000);
  if (Math.abs(minutes) < 60) return relative.format(minutes, "minute");
  const hours = Math.round(minutes / 60);
  if (Math.abs(hours) < 24) return relative.format(hours, "hour");
  const days = Math.round(hours / 24);
  if (Math.abs(days) < 45) return relative.format(days, "day");
  return Math.abs(days) < 540
    ? relative.format(Math.round(days / 30), "month")
    : relative.format(Math.round(days / 365), "year");
}

export const localeOf = (language: string): string => (language === "zh" ? "zh-CN" : "en-GB");

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  let made = formatters.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(localeOf(language), options);
    formatters.set(key, made);
  }
  return made;
}
