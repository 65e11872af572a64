import { expect, test } from "vitest";
import { servePages } from "./pages.ts";
import { refOf, testBrowser, whyNot } from "./testBrowser.ts";

test("an act that cannot be done says what is in its way", async () => {
  const pages = await servePages({
    "/": `<button disabled>Off</button><input readonly aria-label="Fixed">
      <select aria-label="Pick"><option>one</option></select>
      <p style="position:relative"><button>Under</button><span id="cover" style="position:absolute;inset:0"></span></p>`,
  });
  const { act } = testBrowser();
  // Each on a page of its own: on a busy machine one that took too long to answer is given up.
  const failing = async (request: (opened: Awaited<ReturnType<typeof act>>) => Partial<Parameters<typeof act>[0]>) => {
    const opened = await act({ action: "open", url: pages.url });
    return (await whyNot(act, { action: "act", ...request(opened) })).replace(/^.* s: /, "");
  };
  expect(await failing((opened) => ({ kind: "click", ref: refOf(opened, "Off") }))).toBe("the element is disabled");
  expect(await failing((opened) => ({ kind: "click", ref: refOf(opened, "Under") }))).toBe(
    '<span id="cover"></span> lies over the element and takes its clicks',
  );
  expect(await failing((opened) => ({ kind: "fill", ref: refOf(opened, "Fixed"), text: "x" }))).toBe(
    "the element is read-only",
  );
  expect(await failing((opened) => ({ kind: "select", ref: refOf(opened, "Pick"), values: ["two"] }))).toBe(
    "the list has no such option",
  );
  expect(await failing(() => ({ kind: "click", role: "button", name: "Nowhere" }))).toBe(
    "no such element is on the page",
  );
});

test("of a page that is too slow to be looked at nobody says that something is not on it", async () => {
  const pages = await servePages({
    "/": `<input readonly aria-label="Fixed"><script>
      function hold() { for (const end = performance.now() + 700; performance.now() < end;); setTimeout(hold, 10); }
      addEventListener("focusin", hold);
    </script>`,
  });
  const { act } = testBrowser();
  const opened = await act({ action: "open", url: pages.url });
  await act({ action: "act", kind: "press", key: "Tab" });
  const fill = { action: "act", kind: "fill", ref: refOf(opened, "Fixed"), text: "x", timeoutMs: 800 } as const;
  await expect(act(fill)).rejects.toThrow(/was not ready|is read-only/);
});

test("a value that a field would drop is refused, and nothing is changed", async () => {
  const pages = await servePages({
    "/": `<input aria-label="Name" value="old"><input type="date" aria-label="Day" value="2026-01-01">
      <input type="time" aria-label="Hour"><input type="number" aria-label="Count"><input type="color" aria-label="Tone">`,
  });
  const { act } = testBrowser();
  const opened = await act({ action: "open", url: pages.url });
  const ref = (label: string) => refOf(opened, label);
  await expect(act({ action: "act", kind: "fill", ref: ref("Day"), text: "24.12.2026" })).rejects.toMatchObject({
    code: "bad_request",
    message: 'A date field takes a value like 2026-12-24, not "24.12.2026"',
  });
  const fields = [
    { ref: ref("Name"), value: "new" },
    { ref: ref("Hour"), value: "9:30" },
  ];
  await expect(act({ action: "act", kind: "fill", fields })).rejects.toMatchObject({ code: "bad_request" });
  await expect(act({ action: "act", kind: "fill", ref: ref("Count"), text: "12,5" })).rejects.toMatchObject({
    message: 'A number field takes a value like 12.5, not "12,5"',
  });
  const values = "[...document.querySelectorAll('input')].slice(0, 3).map((field) => field.value).join()";
  expect((await act({ action: "act", kind: "evaluate", script: values })).value).toBe('"old,2026-01-01,"');
  await act({
    action: "act",
    kind: "fill",
    fields: [
      { ref: ref("Day"), value: "2026-12-24" },
      { ref: ref("Hour"), value: "09:30" },
      { ref: ref("Tone"), value: "#3366ff" },
    ],
  });
  expect((await act({ action: "act", kind: "evaluate", script: values })).value).toBe('"old,2026-12-24,09:30"');
  await act({ action: "act", kind: "fill", ref: ref("Day"), text: "" });
  expect((await act({ action: "act", kind: "evaluate", script: values })).value).toBe('"old,,09:30"');
});

test("a navigation that failed is not in the way of the next one", async () => {
  const pages = await servePages({ "/": "<h1>Home</h1>" });
  const { act } = testBrowser();
  await act({ action: "open", url: pages.url });
  for (let turn = 0; turn < 8; turn += 1) {
    await expect(act({ action: "navigate", url: "http://127.0.0.1:9" })).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("net::ERR_"),
    });
    expect((await act({ action: "navigate", url: pages.url })).snapshot?.text).toContain("Home");
  }
});

test("a page says what of it cannot be read", async () => {
  const closed = `<script>customElements.define("my-card", class extends HTMLElement {
    constructor() { super(); this.attachShadow({ mode: "closed" }).innerHTML = "<p>hidden text</p>"; } });</script>`;
  const pages = await servePages({
    "/canvas": "<canvas width=1200 height=700></canvas>",
    "/closed": `<h1>Cards</h1><my-card style="display:block"></my-card>${closed}`,
    "/plain": "<h1>Plain</h1><canvas width=20 height=20></canvas><my-unknown></my-unknown>",
  });
  const { act } = testBrowser();
  const text = async (path: string) => (await act({ action: "open", url: pages.url + path })).snapshot?.text ?? "";
  expect(await text("/canvas")).toBe(
    "[Most of this page is drawn on a canvas, of which nothing can be read. Take a screenshot]",
  );
  expect(await text("/closed")).toMatch(/heading "Cards"[^]*\n\[Parts of this page are closed to scripts/);
  expect(await text("/plain")).not.toContain("[Parts");
  expect(await text("/plain")).not.toContain("canvas");
});
