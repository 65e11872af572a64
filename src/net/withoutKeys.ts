// What a question is made of. All else may be a key, whatever its name is.
const PLAIN = /^(accept|accept-language|content-type|user-agent|last-event-id|(anthropic|mcp)-.*)$/;
const ALWAYS = new Set([307, 308]);
// With them a question that has a body would lose it, which is of no use to who asks here.
const OF_READING = new Set([301, 302, 303]);
const MOST_STEPS = 5;

/** As `ask` follows an address that leads elsewhere, but that no key goes to another origin: fetch itself knows of `authorization` alone. */
export async function followWithoutKeys(
  ask: typeof fetch,
  address: string | URL,
  init: RequestInit = {},
): Promise<Response> {
  const { method = "GET" } = init;
  const leads = ({ status }: Response) => ALWAYS.has(status) || (method === "GET" && OF_READING.has(status));
  let at = String(address);
  let given = init;
  for (let steps = MOST_STEPS; ; steps--) {
    const response = await ask(at, { ...given, redirect: steps === 0 ? "error" : "manual" });
    const led = leads(response) ? URL.parse(response.headers.get("location") ?? "", at) : null;
    if (!led) return response;
    await response.body?.cancel();
    const asked = new URL(at);
    const next = onSafeLine(led, asked);
    if (next.origin !== asked.origin) {
      const headers = [...new Headers(given.headers)].filter(([name]) => PLAIN.test(name));
      given = { ...given, headers };
    }
    at = next.href;
  }
}

/** What stands behind a front that speaks https for it names itself by http. */
function onSafeLine(next: URL, { protocol, hostname, port }: URL): URL {
  if (protocol !== "https:" || next.protocol !== "http:" || next.hostname !== hostname || next.port !== "") return next;
  const same = new URL(next);
  same.protocol = protocol;
  same.port = port;
  return same;
}
