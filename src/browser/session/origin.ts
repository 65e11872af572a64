/** "https://example.com"; undefined for an address that has no origin, as about:blank. */
export function originOf(url: string): string | undefined {
  const origin = URL.parse(url)?.origin;
  return origin === undefined || origin === "null" ? undefined : origin;
}
