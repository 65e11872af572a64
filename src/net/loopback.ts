import { isIPv4, isIPv6 } from "node:net";
import { toWords } from "./publicAddress.ts";

/** A host in its plain spelling: without brackets or a dot at its end, IPv4 where IPv6 only carries it (::ffff:0:0/96). */
export function plainHost(host: string): string {
  const bare = host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/(?<=.)\.$/, "");
  if (!isIPv6(bare) || bare.includes("%")) return bare;
  const short = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(short);
  if (!mapped) return short;
  const bytes = mapped.slice(1).flatMap((word) => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 0xff]);
  return bytes.join(".");
}

/** Whether only this machine can reach a host: to bind to, of a peer, of an address. */
export function isLoopback(host: string): boolean {
  const plain = plainHost(host);
  return isPlainLoopback(plain) || (isIPv4(plain) && plain.startsWith("127."));
}

/** The names that a gateway on loopback has all three of, with its port. Others of 127.0.0.0/8 are addresses of their own. */
export function isPlainLoopback(host: string): boolean {
  return LOOPBACK_NAMES.includes(plainHost(host));
}

/** Where to listen for a host: for plain loopback on both, so that no stranger can have the other half of the port. */
export function bindAddresses(host: string): string[] {
  return isPlainLoopback(host) ? ["127.0.0.1", "::1"] : [plainHost(host)];
}

export const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "::1"];

/** All loopback addresses are one, and an IPv6 network is one: whoever has one address there has them all. */
export function toAddressKey(address: string): string {
  if (isLoopback(address)) return "loopback";
  const plain = plainHost(address.replace(/%.*$/, ""));
  if (!isIPv6(plain)) return plain;
  return toWords(plain)
    .slice(0, 4)
    .map((word) => word.toString(16))
    .join(":");
}
