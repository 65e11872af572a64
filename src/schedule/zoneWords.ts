import { isZone } from "./zoneTime.ts";

const ABBREVIATION = /^(?:[ecmp][sd]t|cet|cest|mez|mesz|bst|ist|jst|ae[sd]t)$/i;

const ALSO_WORDS = /^(?:christmas|easter|wake|midway|center|reunion|resolute|troll)$/;

/** What was said, in lower case, and the zone at its end; `zone` when none is named, undefined for one that is none. */
export function splitZone(words: string, zone: string): { text: string; tz?: string } {
  const typed = words
    .trim()
    .replace(/[.!]+$/, "")
    .replaceAll(/\s+/g, " ");
  const named = /^(.*?) (?:\(([\w+-]+(?:\/[\w+-]+)*)\)|(?:in )?([a-z_]+(?:\/[\w+-]+)+|utc|gmt))$/i.exec(typed);
  if (named) {
    const tz = zoneOf(named[2] ?? named[3]!);
    return { text: named[1]!.toLowerCase(), ...(tz !== undefined && { tz }) };
  }
  const city = splitCity(typed);
  return city ?? { text: typed.toLowerCase(), ...(isZone(zone) && { tz: zone }) };
}

/** Whether what was said ends with "EST" or the like, which names several zones. */
export function endsWithAbbreviation(words: string): boolean {
  return ABBREVIATION.test(words.trim().split(/\s+/).at(-1) ?? "");
}

function zoneOf(name: string): string | undefined {
  if (/^(utc|gmt)$/i.test(name)) return "UTC";
  const canonical = zones().find((zone) => zone.toLowerCase() === name.toLowerCase());
  return canonical ?? (isZone(name) ? name : undefined);
}

/** "New York", at the end: the last part of a zone's name. */
function splitCity(typed: string): { text: string; tz: string } | undefined {
  const words = typed.replace(/ time$/i, "").split(" ");
  for (const count of [3, 2, 1]) {
    if (words.length <= count) continue;
    const name = words.slice(-count).join("_").toLowerCase();
    const tz = zones().find((zone) => zone.toLowerCase().endsWith(`/${name}`));
    // "At 9 on Christmas" is not a time of that island.
    if (tz && ALSO_WORDS.test(name) && !/ in$/i.test(words.slice(0, -count).join(" "))) return undefined;
    if (tz) return { text: words.slice(0, -count).join(" ").replace(/ in$/i, "").toLowerCase(), tz };
  }
  return undefined;
}

let names: string[] | undefined;

function zones(): string[] {
  return (names ??= Intl.supportedValuesOf("timeZone"));
}
