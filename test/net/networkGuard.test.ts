import { expect, test } from "vitest";
import { createNetworkGuard } from "../../src/net/networkGuard.ts";

const names: Record<string, string[]> = {
  "example.com": ["93.184.216.34"],
  "both.test": ["93.184.216.34", "10.0.0.1"],
  "inside.test": ["192.168.0.10"],
  "meta.test": ["::ffff:169.254.169.254"],
  localhost: ["127.0.0.1", "::1"],
};
const resolve = async (host: string) => names[host] ?? [];

test.each([
  ["https://example.com/a?b", "https://example.com/a?b"],
  ["http://EXAMPLE.com./x", "http://example.com./x"],
  ["https://8.8.8.8/", "https://8.8.8.8/"],
])("lets %s through", async (url, href) => {
  expect((await createNetworkGuard({ resolve }).check(url)).href).toBe(href);
});

test.each([
  ["file:///etc/passwd", "forbidden"],
  ["ftp://example.com/", "forbidden"],
  ["gopher://example.com/", "forbidden"],
  ["data:text/plain,x", "forbidden"],
  ["javascript:alert(1)", "forbidden"],
  ["not a url", "bad_request"],
  ["http://user:pass@example.com/", "forbidden"],
  ["http://127.0.0.1/", "forbidden"],
  ["http://127.0.0.1./", "forbidden"],
  ["http://2130706433/", "forbidden"],
  ["http://0x7f.1/", "forbidden"],
  ["http://0177.0.0.1/", "forbidden"],
  ["http://127.1/", "forbidden"],
  ["http://0/", "forbidden"],
  ["http://[::1]/", "forbidden"],
  ["http://[::ffff:127.0.0.1]/", "forbidden"],
  ["http://[64:ff9b::169.254.169.254]/", "forbidden"],
  ["http://169.254.169.254/latest/meta-data/", "forbidden"],
  ["http://localhost:3000/", "forbidden"],
  ["http://localhost./", "forbidden"],
  ["http://LOCALHOST../", "forbidden"],
  ["http://①②⑦.0.0.1/", "forbidden"],
  ["http://both.test/", "forbidden"],
  ["http://inside.test/", "forbidden"],
  ["http://meta.test/", "forbidden"],
  ["http://unknown.test/", "not_found"],
])("refuses %s", async (url, code) => {
  await expect(createNetworkGuard({ resolve }).check(url)).rejects.toMatchObject({ code });
});

test.each([
  ["http://localhost:3000/", true],
  ["http://127.0.0.1:8080/", true],
  ["http://[::1]:8080/", true],
  ["http://192.168.0.1/", false],
  ["http://169.254.169.254/", false],
  ["http://meta.test/", false],
])("with loopback allowed, %s passes: %s", async (url, passes) => {
  const checked = createNetworkGuard({ resolve, allowLoopback: true }).check(url);
  if (passes) expect((await checked).href).toBe(url);
  else await expect(checked).rejects.toMatchObject({ code: "forbidden" });
});
