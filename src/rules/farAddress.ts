import { allowing, denying, type DoneThing, ruleWords } from "./coverage.ts";
import { hostOf } from "./hostPattern.ts";
import { isAddress } from "./reach.ts";
import type { Deed, Rule } from "../protocol/rule.ts";

/**
 * Why rules keep the agent from an address of the web by any of these deeds; undefined where none does. Of what is not looked at as it
 * is done (`isLater`) a bare IP address has to be named, as commands have to: it may be that of a host that is denied.
 */
export function forbidsAddress(
  rules: Rule[],
  url: string,
  { deeds, isLater = false }: { deeds: Deed[]; isLater?: boolean },
): string | undefined {
  const place = URL.parse(url)?.origin ?? url;
  const things = deeds.map((deed): DoneThing => ({ deed, place }));
  const found = denying(rules, things, "");
  const host = hostOf(place)?.name ?? place;
  if (found) return `A rule keeps the agent from ${host}: ${ruleWords(found.rule)}`;
  if (!isLater || !isAddress(host) || !rules.some(({ deny }) => deny === "network")) return undefined;
  const named = rules.filter(({ host: pattern }) => pattern !== "*");
  if (things.some((thing) => allowing(named, [thing], ""))) return undefined;
  return `${host} may be the address of a host that a rule keeps the agent from; no rule names it`;
}

/** Why rules that name hosts keep what the browser has open from one of them; undefined where none does. */
export function forbidsPage(rules: Rule[], host: string, port: string): string | undefined {
  const naming = rules.filter((rule) => rule.deny === "browser" && rule.host !== undefined && rule.host !== "*");
  const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return naming.length === 0 ? undefined : forbidsAddress(naming, `http://${name}:${port}`, { deeds: ["browser"] });
}
