import { afterAll, beforeAll, expect, test } from "vitest";
import { startHarness, type Harness } from "./harness.ts";
import { say } from "./scenes.ts";

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const hostile = `<img src=x onerror="window.hacked = 1"><script>window.hacked = 2</script>

<svg onload="window.hacked = 3"><iframe srcdoc="<script>parent.hacked = 4</script>"></iframe>

[run](javascript:window.hacked=5) [run2](JaVaScRiPt:window.hacked=6) [cmd](command:workbench.action.terminal.new)
[data](data:text/html,<script>hacked=7</script>) [vs](vscode://evil.extension/run)

![pixel](https://evil.example/track.png?secret) ![inline](data:image/svg+xml;base64,PHN2Zz4=)

<a href="https://evil.example" onclick="window.hacked = 8">raw</a> <button data-action="insert">press</button>

\`\`\`"><img src=x onerror=window.hacked=9>
</code></pre><script>window.hacked = 10</script>
\`\`\`

[quote"onmouseover="window.hacked=11](https://example.com/"onmouseover="window.hacked=12)

[file](src/main.ts#L7) [web](https://example.com/a?b=1&c=2) <mailto:ada@example.com>`;

test("nothing in a message acts, loads or leaves by itself", async () => {
  const { page, gateway, close } = await harness.open();
  const requested: string[] = [];
  page.on("request", (request) => requested.push(request.url()));
  const run = gateway.submit("main", hostile);
  await gateway.emit(run.id, { type: "text.delta", text: hostile });
  await page.locator(".assistant a[data-url]").first().waitFor();
  await gateway.emit(run.id, say(hostile));
  await gateway.finish(run.id, { type: "done", reply: hostile });
  for (const element of await page.locator(".assistant .markdown *").all())
    await element.hover({ force: true, timeout: 500 }).catch(() => undefined);

  expect(await page.evaluate("window.hacked")).toBeUndefined();
  expect(await page.locator(".assistant :is(img, script, svg, iframe, style, form)").count()).toBe(0);
  expect(
    await page
      .locator(
        '.assistant :is([onclick], [onerror], [onload], [onmouseover], [href^="command:"], [href^="javascript:" i], [href^="vscode:"], [href^="data:"])',
      )
      .count(),
  ).toBe(0);
  expect(requested).toEqual([]);
  await close();
});

test("links open through the editor, and only those that may", async () => {
  const { page, gateway, close } = await harness.open();
  const run = gateway.submit("main", "Links");
  await gateway.emit(run.id, say(hostile));
  const markdown = page.locator(".assistant .markdown");
  await markdown.waitFor();
  // As the editor listens in its pages, and opens what it hears of.
  await page.evaluate(`window.heard = [];
    for (const type of ["click", "auxclick"]) window.addEventListener(type, (event) => event.button < 2 && event.composedPath().some((one) => one.href) && heard.push(event.target.textContent))`);
  for (const inert of ["run", "run2", "cmd", "data", "vs"]) await markdown.getByText(inert, { exact: true }).click();
  expect(gateway.calls.filter(({ method }) => method.startsWith("editor."))).toEqual([]);

  await markdown.getByRole("link", { name: "file" }).click();
  await markdown.getByRole("link", { name: "web" }).click();
  await markdown.getByRole("link", { name: "Image: pixel" }).click({ button: "middle" });
  for (const name of ["file", "web"]) await markdown.getByRole("link", { name }).click({ button: "right" });
  await markdown.getByRole("link", { name: "ada@example.com" }).press("Enter");
  await expect
    .poll(() => gateway.calls.filter(({ method }) => method.startsWith("editor.")))
    .toEqual([
      { method: "editor.openFile", params: { path: "src/main.ts", line: 7 } },
      { method: "editor.openLink", params: { url: "https://example.com/a?b=1&c=2" } },
      { method: "editor.openLink", params: { url: "https://evil.example/track.png?secret" } },
      { method: "editor.openLink", params: { url: "mailto:ada@example.com" } },
    ]);
  expect(await page.evaluate("heard")).toEqual([]);
  expect(page.context().pages()).toHaveLength(1);
  await close();
});
