import { expect, test } from "vitest";
import { isProxyNamed, proxyOf } from "../../src/net/proxyOfEnv.ts";

test.each<[string, Record<string, string>, string, string | undefined]>([
  ["with a scheme", { HTTPS_PROXY: "http://proxy.corp:8080" }, "http://proxy.corp:8080/", undefined],
  ["without one, as curl and git take it", { https_proxy: "proxy.corp:8080" }, "http://proxy.corp:8080/", undefined],
  ["over TLS", { HTTPS_PROXY: "https://proxy.corp:8443/" }, "https://proxy.corp:8443/", undefined],
  ["with blanks around it", { HTTPS_PROXY: " http://a:1\n" }, "http://a:1/", undefined],
  ["by HTTP_PROXY alone, which holds for both", { HTTP_PROXY: "a:1" }, "http://a:1/", "http://a:1/"],
  ["by both", { HTTPS_PROXY: "a:1", HTTP_PROXY: "b:2" }, "http://a:1/", "http://b:2/"],
  ["beside an empty one of the other case", { HTTPS_PROXY: "", https_proxy: "a:1" }, "http://a:1/", undefined],
  ["beside a blank one", { https_proxy: "  ", HTTPS_PROXY: "a:1" }, "http://a:1/", undefined],
  ["by small letters first", { https_proxy: "a:1", HTTPS_PROXY: "b:2" }, "http://a:1/", undefined],
])("a proxy is named %s", (_, env, https, http) => {
  expect(isProxyNamed(env)).toBe(true);
  expect(proxyOf(env)).toMatchObject({ https, http });
});

test("none is named by nothing", () => {
  for (const env of [{}, { HTTPS_PROXY: "", http_proxy: " " }]) {
    expect(isProxyNamed(env)).toBe(false);
    expect(proxyOf(env)).toBeUndefined();
  }
});

test.each([
  ["http://me:p@ssword@proxy:8080", "p@ssword"],
  ["me:pass%2Fword@proxy:8080", "pass/word"],
  ["http://me:50%off-now@proxy:8080", "50%off-now"],
])("of %s the host alone is shown, and the password is known as a secret", (value, password) => {
  const { shown, secrets } = proxyOf({ HTTPS_PROXY: value })!;
  expect(shown).toBe("proxy:8080");
  expect(secrets).toContain(password);
});

test.each([
  ["socks5://me:hunter22@h:1080", "HTTPS_PROXY names a proxy by socks5://"],
  ["socks5h://h:1080", "HTTPS_PROXY names a proxy by socks5h://"],
  ["ftp://h:1", "HTTPS_PROXY names a proxy by ftp://"],
  ["http://me:hunter/22@proxy:8080", "HTTPS_PROXY is no address of a proxy"],
  ["http://me:12/hunter@proxy:8080", "HTTPS_PROXY is no address of a proxy"],
  ["http://me:hunter%ff@proxy:8080", "HTTPS_PROXY is no address of a proxy"],
  ["http://", "HTTPS_PROXY is no address of a proxy"],
])("%s is refused by its name alone", (value, said) => {
  const refused = () => proxyOf({ HTTPS_PROXY: value });
  expect(refused).toThrow(said);
  expect(refused).not.toThrow("hunter");
});
