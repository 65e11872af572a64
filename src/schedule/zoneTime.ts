import { BoundedMap } from "../base/boundedMap.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const KEEP = 1000;
// No zone changes its clocks and changes them back within so few days.
const SPAN_MS = 10 * DAY_MS;

/** Part of a calendar day during which a zone's clocks are ahead of UTC by one and the same amount. */
export interface Stretch {
  /** Instants, `to` excluded. */
  from: number;
  to: number;
  offset: number;
}

/** A calendar day in a zone. Two stretches when the clocks change, none when the zone leaves the day out. */
export interface ZoneDay {
  stretches: Stretch[];
  /** The clocks change at this instant, from one offset to the other. */
  change?: { at: number; before: number; after: number };
}

const formats = new Map<string, Intl.DateTimeFormat>();
/** Days on which clocks change, and per zone a stretch that was looked at last: asking Intl costs more than all the rest. */
const changes = new BoundedMap<string, ZoneDay>(KEEP);
const recent = new BoundedMap<string, Stretch>(KEEP);

/** The machine's IANA zone. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function isZone(zone: string): boolean {
  // An offset such as "+02:00" would be accepted by Intl, and has no daylight saving.
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** What the clocks of a zone show at an instant, as the UTC time that reads the same. */
export function toWall(time: number, zone: string): number {
  return time + offsetAt(time, zone);
}

/** The instant when a zone's clocks show a time: the first of two, and the end of the gap for one that is left out. */
export function fromWall(wall: number, zone: string): number {
  const { stretches, change } = zoneDay(startOfDay(wall), zone);
  for (const { from, to, offset } of stretches) {
    const time = wall - offset;
    if (time >= from && time < to) return time;
  }
  return change?.at ?? wall - offsetAt(wall, zone);
}

/** The day that begins when the clocks show `wallDay`, a midnight in UTC. */
export function zoneDay(wallDay: number, zone: string): ZoneDay {
  const key = `${zone} ${wallDay}`;
  const known = changes.get(key);
  if (known) return known;
  const day = readDay(wallDay, zone);
  if (day.change) {
    changes.set(key, day);
  }
  return day;
}

export function startOfDay(wall: number): number {
  return Math.floor(wall / DAY_MS) * DAY_MS;
}

function readDay(wallDay: number, zone: string): ZoneDay {
  const end = wallDay + DAY_MS;
  // About when it begins: the offset may be that of the other side of a change.
  const begin = wallDay - offsetAt(wallDay, zone);
  const first = begin - 3 * HOUR_MS;
  const last = begin + DAY_MS + 3 * HOUR_MS;
  const before = offsetAt(first, zone);
  const after = isSteady(first, last, before, zone) ? before : offsetAt(last, zone);
  if (before === after) return { stretches: [{ from: wallDay - before, to: end - before, offset: before }] };
  const at = changeBetween(first, last, before, zone);
  const stretches = [
    { from: wallDay - before, to: Math.min(at, end - before), offset: before },
    { from: Math.max(at, wallDay - after), to: end - after, offset: after },
  ];
  return { stretches: stretches.filter(({ from, to }) => from < to), change: { at, before, after } };
}

/** Whether it is plain without asking for the end that the offset stays; notes for how long it does. */
function isSteady(from: number, to: number, offset: number, zone: string): boolean {
  if (isInside(recent.get(zone), from, to)) return true;
  if (offsetAt(from + SPAN_MS, zone) !== offset) return false;
  recent.set(zone, { from, to: from + SPAN_MS, offset });
  return true;
}

/** The first second with another offset than `before`. */
function changeBetween(from: number, to: number, before: number, zone: string): number {
  let low = from;
  let high = to;
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (offsetAt(middle, zone) === before) low = middle;
    else high = middle;
  }
  return high;
}

function isInside(stretch: Stretch | undefined, from: number, to: number): boolean {
  return stretch !== undefined && from >= stretch.from && to < stretch.to;
}

function offsetAt(time: number, zone: string): number {
  const known = recent.get(zone);
  if (known && isInside(known, time, time)) return known.offset;
  const second = Math.floor(time / 1000) * 1000;
  // "11/22/2026, 09:30:00"
  const [month, day, year, hour, minute, sec] = formatOf(zone).format(second).match(/\d+/g)!.map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, sec) - second;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(zone, format);
  }
  return format;
}
