import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { servePages } from "./pages.ts";
import { refOf, testBrowser } from "./testBrowser.ts";

const stateFile = (stateDir: string) => {
  const folder = join(stateDir, "browser");
  return join(folder, readdirSync(folder)[0]!, "state.json");
};

test("what a page does not tell of its storage in time stays as it was kept", async () => {
  const pages = await servePages({
    "/": "<script>localStorage.token = 'kept'</script>",
    "/hang": `<button onclick="setTimeout(() => {
      const request = new XMLHttpRequest();
      request.open('GET', '/hangs', false);
      request.send();
      for (;;) {}
    })">Hang</button>`,
    "/hangs": "",
  });
  const { act, stateDir } = testBrowser();
  await act({ action: "open", url: pages.url });
  await act({ action: "stop" });
  const kept = () => (JSON.parse(readFileSync(stateFile(stateDir), "utf8")) as { origins: object[] }).origins;
  expect(kept()).toMatchObject([{ origin: pages.url, localStorage: [{ name: "token", value: "kept" }] }]);
  const opened = await act({ action: "open", url: `${pages.url}/hang` });
  const clicked = act({ action: "act", kind: "click", ref: refOf(opened, "Hang") }).catch(() => {});
  await expect.poll(() => pages.requests).toContain("GET /hangs");
  await act({ action: "stop" });
  await clicked;
  expect(kept()).toMatchObject([{ origin: pages.url, localStorage: [{ name: "token", value: "kept" }] }]);
});

test("kept cookies that the browser does not take are set aside and said", async () => {
  const pages = await servePages({ "/": "<h1>Home</h1>" });
  const { act, stateDir } = testBrowser();
  await act({ action: "open", url: pages.url });
  await act({ action: "stop" });
  const file = stateFile(stateDir);
  writeFileSync(file, JSON.stringify({ cookies: [{ name: "who" }], origins: [] }));
  const opened = await act({ action: "open", url: pages.url });
  expect(opened.snapshot?.text).toContain("Home");
  expect(opened.notices).toEqual([
    expect.stringMatching(/could not be restored.* set aside as .*state\.refused\.json$/),
  ]);
  expect(readFileSync(file.replace("state.json", "state.refused.json"), "utf8")).toContain("who");
  await act({ action: "stop" });
  expect((await act({ action: "open", url: pages.url })).notices).toBeUndefined();
});
