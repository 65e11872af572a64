const UNITS: [name: string, ms: number][] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
];

/** "3m ago", "in 2h", "now"; "-" for no time at all. */
export function relativeTime(iso: string | null | undefined, now = Date.now()): string {
  const time = Date.parse(iso ?? "");
  if (Number.isNaN(time)) return "-";
  const away = Math.abs(time - now);
  const [name, ms] = UNITS.find(([, size]) => away >= size) ?? ["", 0];
  if (ms === 0) return "now";
  const amount = `${Math.floor(away / ms)}${name}`;
  return time > now ? `in ${amount}` : `${amount} ago`;
}

/** "850ms", "12s", "3m 20s". */
export function spentTime(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
}
