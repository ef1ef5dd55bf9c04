/** `yyyy-mm-dd` in the shop's time zone: the day that a sale belongs to. */
export type BusinessDate = string;

const formatters = new Map<string, Intl.DateTimeFormat>();

export function businessDateOf(wallMs: number, timeZone = "Asia/Shanghai"): BusinessDate {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-CA", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    });
    formatters.set(timeZone, formatter);
  }
  return formatter.format(wallMs);
}
