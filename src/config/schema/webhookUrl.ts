import { isIP } from "node:net";
import { addressKind } from "../../net/publicAddress.ts";

const DOOR = "/channels/telegram";
const PORTS = ["", "443", "80", "88", "8443"];

/** Why Telegram would post nothing to an address; undefined where it may. A server of the user's own (`isOwnServer`) may reach more. */
export function webhookUrlFault(url: string, isOwnServer: boolean): string | undefined {
  if (!URL.canParse(url)) return "Expected an address, as https://bot.example.org";
  const { protocol, port, username, password, hash, hostname } = new URL(url);
  if (username !== "" || password !== "")
    return "A name or password in it would be shown wherever the address is: leave it out; who posts is known by a secret of its own";
  if (hash !== "") return "What stands behind # is sent to nobody: leave it out";
  if (isOwnServer) return /^https?:$/.test(protocol) ? undefined : "Expected https:// or http://";
  if (protocol !== "https:") return "Telegram posts to https:// alone";
  if (!PORTS.includes(port)) return `Telegram posts to the ports 443, 80, 88 and 8443 alone, and not to ${port}`;
  const host = hostname.replaceAll(/[[\]]/g, "");
  if (isIP(host) === 6) return "Telegram posts to no IPv6 address: give a name, or an IPv4 address";
  const isName = isIP(host) === 0;
  const isLocal = isName
    ? !host.includes(".") || /(^|\.)(localhost|local|internal|home\.arpa|lan)\.?$/.test(host)
    : addressKind(host) !== "public";
  return isLocal ? `Telegram cannot reach ${host}: it posts to public addresses alone` : undefined;
}

/** The address as Telegram is given it: one without a path leads to the gateway's own door. */
export function toWebhookUrl(url: string): string {
  const parsed = new URL(url);
  const path = parsed.pathname.replaceAll(/\/+/g, "/").replace(/\/$/, "");
  if (path === "" || path === DOOR) parsed.pathname = DOOR;
  return parsed.href;
}
